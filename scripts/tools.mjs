/**
 * `node scripts/tools.mjs`: downloads or builds what tests and demo need beside the packages, into caches outside of the checkout, so
 * that a slow network is no part of a test run. Does nothing, and quickly, when all of it is there. What a machine cannot have
 * (no Java, no Maven, no Go) is told and left to whoever needs it.
 */
import "./node-version.mjs";
import { pathToFileURL } from "node:url";
import { say } from "./processes.mjs";
import { buildGoogleStorage } from "./google-storage.mjs";
import { buildPubsub } from "./pubsub.mjs";
import { sparkJars } from "./spark/jars.mjs";
import { missingForSpark } from "./spark/start.mjs";

export async function prepareTools() {
  const missing = missingForSpark();
  if (missing === null) await sparkJars();
  else say(missing);
  for (const build of [buildPubsub, buildGoogleStorage]) await build().catch((error) => say(error.message));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await prepareTools();
