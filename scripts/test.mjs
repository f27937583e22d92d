/**
 * `npm test`: everything. Types, lint and format count as one each; then the tests, in an order that tells the small reasons
 * before the large ones. The last line is `N passed, N failed, N skipped` over all of it. An argument names one of the runs:
 * `npm test integration`.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { findOrInstallBrowser } from "./browser.mjs";
import { seconds } from "./packages.mjs";
import { inRoot, tools } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { fail, runNode, say } from "./processes.mjs";
import { runSteps, sourceSteps } from "./steps.mjs";
import { prepareTools } from "./tools.mjs";

/** One after the other: those that start servers and browsers want the machine for themselves. */
const RUNS = [
  { name: "unit and contract", projects: ["unit", "contract"] },
  { name: "control plane", projects: ["control"] },
  { name: "integration", projects: ["integration"] },
  { name: "spark", projects: ["spark"], tools: true },
  { name: "e2e", projects: ["e2e"], browser: true },
];

async function main([only]) {
  const runs = RUNS.filter((it) => only === undefined || it.projects.includes(only));
  if (runs.length === 0) fail(`There is no run "${only}"; there are ${RUNS.flatMap((it) => it.projects).join(", ")}.`);
  if (runs.some((it) => it.tools)) await prepareTools();
  await prepare();
  const sources = only === undefined ? await runSteps(sourceSteps) : { passed: 0, failed: 0 };
  const total = { ...sources, skipped: 0 };
  for (const it of runs) add(total, await runTests(it));
  say("");
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

async function runTests({ name, projects, browser }) {
  say(`\n— ${name} —`);
  const startedAt = Date.now();
  const env = browser ? { WEIR_CHROMIUM: await findOrInstallBrowser() } : {};
  const report = inRoot("tmp", `test-report-${projects[0]}.json`);
  rmSync(report, { force: true });
  const { code } = await runNode(
    [
      tools.vitest,
      "run",
      ...projects.flatMap((project) => ["--project", project]),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { env },
  );
  const counts = readCounts(report, code);
  say(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds(startedAt)} s)`);
  return counts;
}

/** A file that cannot be loaded or set up has no test that failed, and an error outside of any test fails the run: both count. */
function readCounts(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, "utf8"));
  const hasFailure = (file) => file.assertionResults.some((it) => it.status === "failed");
  const brokenFiles = result.testResults.filter((file) => file.status === "failed" && !hasFailure(file));
  const failed = result.numFailedTests + brokenFiles.length;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function add(total, counts) {
  for (const key of Object.keys(total)) total[key] += counts[key];
}

await main(process.argv.slice(2));
