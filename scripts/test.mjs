/**
 * `npm test`: everything. Types and lint count as one, format as another; then the tests, in an order that tells the small
 * reasons before the large ones. The last line is `N passed, N failed, N skipped` over all of it, after the reasons of what
 * failed: whoever has only the end of the output has what matters. An argument names one of the runs: `npm test integration`.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { findOrInstallBrowser } from "./browser.mjs";
import { seconds } from "./packages.mjs";
import { inRoot, tools } from "./paths.mjs";
import { prepare } from "./prepare.mjs";
import { fail, runNode, say } from "./processes.mjs";
import { REASON_LINES, runSteps, SHARED_WORKERS, sourceSteps } from "./steps.mjs";
import { prepareTools } from "./tools.mjs";

/**
 * A run is one project of vitest.config.ts. One after the other, but for the run that is `beside`: its suites spend most of their
 * time waiting for one statement of a JVM, and leave a processor idle. What it writes is shown when the others are done.
 *
 * @type {readonly { project: string, tools?: boolean, beside?: boolean, browser?: boolean }[]}
 */
const RUNS = [
  { project: "spark", tools: true, beside: true },
  { project: "server" },
  { project: "e2e", browser: true },
];
/** What `server` is made of, each for itself. */
const PARTS = [{ project: "unit" }, { project: "contract" }, { project: "control" }, { project: "integration" }];

async function main([only]) {
  const all = [...RUNS, ...PARTS];
  const runs = only === undefined ? RUNS : all.filter(({ project }) => project === only);
  if (runs.length === 0) fail(`There is no run "${only}"; there are ${all.map(({ project }) => project).join(", ")}.`);
  if (runs.some((it) => it.tools)) await prepareTools();
  await prepare();
  const total = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  const beside = runs.filter((it) => it.beside && runs.length > 1);
  const after = beside.map((it) => runTests(it, { quiet: true }));
  if (only === undefined) add(total, await runSteps(sourceSteps));
  for (const it of runs) if (!beside.includes(it)) add(total, await runTests(it));
  for (const counts of await Promise.all(after)) add(total, counts);
  for (const reason of total.reasons) say(`\n✗ ${reason}`);
  say("");
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

/** @param {{ quiet?: boolean }} [options] quiet: what it writes is shown at its end */
async function runTests({ project, browser }, { quiet = false } = {}) {
  const startedAt = Date.now();
  say(quiet ? `${project}: runs beside the others` : `\n— ${project} —`);
  const env = browser ? { WEIR_CHROMIUM: await findOrInstallBrowser({ shell: true }) } : {};
  const report = inRoot("tmp", `test-report-${project}.json`);
  rmSync(report, { force: true });
  const { code, output } = await runNode(
    [
      tools.vitest,
      "run",
      "--project",
      project,
      SHARED_WORKERS,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { env, quiet },
  );
  if (quiet) say(`\n— ${project} —\n${output}`);
  const counts = readCounts(report, code);
  say(
    `${project}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds(startedAt)} s)`,
  );
  return counts;
}

/**
 * What a run's report says. A file that cannot be loaded or set up has no test that failed, and an error outside of any test fails
 * the run: both count.
 */
function readCounts(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, reasons: ["a run ended without a report"] };
  const result = JSON.parse(readFileSync(report, "utf8"));
  const hasFailure = (file) => file.assertionResults.some((it) => it.status === "failed");
  const brokenFiles = result.testResults.filter((file) => file.status === "failed" && !hasFailure(file));
  const failed = result.numFailedTests + brokenFiles.length;
  const isSilent = failed === 0 && code !== 0;
  return {
    passed: result.numPassedTests,
    failed: isSilent ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
    reasons: isSilent ? ["an error outside of any test: see the run's output"] : result.testResults.flatMap(reasonsOf),
  };
}

/** One text per test that failed, and per file that could not be loaded: where it is, its name and the beginning of the reason. */
function reasonsOf(file) {
  const place = relative(inRoot("."), file.name);
  const shorten = (text) => text.split("\n").slice(0, REASON_LINES).join("\n");
  const failures = file.assertionResults.filter((it) => it.status === "failed");
  if (failures.length === 0 && file.status === "failed") return [`${place}\n${shorten(file.message)}`];
  return failures.map((it) => `${place} > ${it.fullName}\n${shorten(it.failureMessages.map(named).join("\n"))}`);
}

/** Vitest gives the error of a test that ran out of time its stack without its message. */
const named = (failure) => failure.replace(/^Error: STACK_TRACE_ERROR\b/, "Timed out.");

/** Numbers are added, lists joined. */
function add(total, counts) {
  for (const key of Object.keys(total)) {
    if (Array.isArray(total[key])) total[key].push(...(counts[key] ?? []));
    else total[key] += counts[key] ?? 0;
  }
}

await main(process.argv.slice(2));
