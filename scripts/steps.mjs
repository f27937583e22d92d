/**
 * The checks that need no server: each a command whose output is shown only when it fails. Format remembers what it found;
 * types and lint do not, because lint looks at types of other files than the one that it judges.
 */
import { seconds } from "./packages.mjs";
import { inRoot, tools } from "./paths.mjs";
import { runNode, say } from "./processes.mjs";

/** Files of tests share what they import: most of them take longer to load it than to run. */
export const SHARED_WORKERS = "--no-isolate";

export const sourceSteps = [
  { name: "types and lint", args: [inRoot("scripts", "lint", "types-and-lint.mjs")] },
  {
    name: "format",
    args: [
      tools.prettier,
      "--check",
      "--log-level",
      "warn",
      "--cache",
      "--cache-location",
      inRoot("tmp", "format-cache"),
      ".",
    ],
  },
];

export const unitStep = { name: "unit", args: [tools.vitest, "run", "--project", "unit", SHARED_WORKERS] };

/** Of a step or test that failed, for the end of everything: enough for a message and the place that it names. */
export const REASON_LINES = 12;

/**
 * Runs steps side by side.
 * @param {readonly { name: string, args: string[] }[]} steps
 * @returns {Promise<{ passed: number, failed: number, reasons: string[] }>}
 */
export async function runSteps(steps) {
  const reasons = (await Promise.all(steps.map(runStep))).filter((reason) => reason !== null);
  return { passed: steps.length - reasons.length, failed: reasons.length, reasons };
}

/** @returns {Promise<string | null>} the end of what it wrote, when it failed */
async function runStep({ name, args }) {
  const startedAt = Date.now();
  const { code, output } = await runNode(args, { quiet: true });
  if (code !== 0) say(output.trimEnd());
  say(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds(startedAt)} s)`);
  return code === 0 ? null : `${name}\n${output.trimEnd().split("\n").slice(-REASON_LINES).join("\n")}`;
}
