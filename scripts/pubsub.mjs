/**
 * A Pub/Sub server on this machine, for the demo and for tests: Google's own `pstest` behind a small Go program
 * (tests/pubsub-server). `node scripts/pubsub.mjs [port]` runs it by itself.
 */
import { pathToFileURL } from "node:url";
import { goServer } from "./go-server.mjs";

const server = goServer({ name: "pubsub-server", title: "Pub/Sub server" });

/** It holds everything in memory and nothing when it starts. @type {typeof import("./pubsub.d.mts").startPubsub} */
export async function startPubsub(options) {
  const { address, stop } = await server.start(options);
  return { host: address, stop };
}

/** @type {typeof import("./pubsub.d.mts").buildPubsub} */
export const buildPubsub = server.build;

async function main([port = "8085"]) {
  const { host, stop } = await startPubsub({ port: Number(port) });
  console.log(`PUBSUB_EMULATOR_HOST=${host}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2));
