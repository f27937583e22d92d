/**
 * `npm run bench [name] [arguments]`: the benches of tests/bench, each a program that drives the built server from outside,
 * prints a table and, as its last line, one JSON object. Without a name all of them run, one after the other.
 */
import { readdirSync } from "node:fs";
import { findOrInstallBrowser } from "./browser.mjs";
import { inRoot } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { fail, runNode, say } from "./processes.mjs";

const SUFFIX = ".bench.mjs";

async function main([wanted, ...args]) {
  const known = readdirSync(inRoot("tests", "bench"))
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
  if (wanted !== undefined && !known.includes(wanted))
    fail(`There is no bench "${wanted}"; there are ${known.join(", ")}.`);
  await prepare();
  const env = { NODE_ENV: "production", WEIR_CHROMIUM: await findOrInstallBrowser() };
  for (const name of wanted === undefined ? known : [wanted]) {
    say(`\n— ${name} —`);
    const { code } = await runNode([inRoot("tests", "bench", `${name}${SUFFIX}`), ...args], { env });
    if (code !== 0) process.exitCode = 1;
  }
}

await main(process.argv.slice(2));
