/** The checks that need no server: each a command whose output is shown only when it fails. */
import { seconds } from "./packages.mjs";
import { tools } from "./paths.mjs";
import { runNode, say } from "./processes.mjs";

export const sourceSteps = [
  { name: "types", args: [tools.tsc, "--noEmit"] },
  { name: "lint", args: [tools.eslint, ".", "--max-warnings", "0"] },
  { name: "format", args: [tools.prettier, "--check", "--log-level", "warn", "."] },
];

export const unitStep = { name: "unit", args: [tools.vitest, "run", "--project", "unit"] };

/**
 * Runs steps side by side.
 * @param {readonly { name: string, args: string[] }[]} steps
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runSteps(steps) {
  const codes = await Promise.all(steps.map(runStep));
  const failed = codes.filter((code) => code !== 0).length;
  return { passed: steps.length - failed, failed };
}

async function runStep({ name, args }) {
  const startedAt = Date.now();
  const { code, output } = await runNode(args, { quiet: true });
  if (code !== 0) say(output.trimEnd());
  say(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds(startedAt)} s)`);
  return code;
}
