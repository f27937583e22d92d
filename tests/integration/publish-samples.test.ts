/** The samples of docs/publish, run as they stand against a server that wants a token. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { transformWithEsbuild } from "vite";
import { describe, expect, it, onTestFinished } from "vitest";
import { packageRoot } from "~/config";
import type { PipelineEvent } from "../support/pipeline-event";
import { removeFolder } from "../support/remove-folder";
import { temporaryFolder } from "../support/temporary-folder";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const SECRET = "a-secret-for-tests-only";
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));
const execute = promisify(execFile);
const sample = (name: string) => join(packageRoot(), "docs", "publish", name);

const run = async (command: string, ...args: string[]) =>
  execute(command, args, {
    env: { ...process.env, WEIR_URL: weir.address, WEIR_TOKEN: SECRET, WEIR_SPOOL: await temporaryFolder() },
  });

async function rowsOf(batch: string, count: number): Promise<PipelineEvent[]> {
  return until(`${count} rows of ${batch} that have ended`, async () => {
    const answer = await fetch(weir.url(`/api/v1/feeds/pipeline_events/rows?correlationId=${batch}`), {
      headers: { authorization: `Bearer ${SECRET}` },
    });
    const { rows } = (await answer.json()) as { rows: PipelineEvent[] };
    return rows.length === count && rows.every(({ status }) => status !== "STARTED") && rows;
  });
}

/** On machines of people a missing tool is said; where everything is checked it is a fault. */
async function isThere(command: string): Promise<boolean> {
  try {
    await execute(command, ["--version"]);
    return true;
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error;
    console.warn(`skipped: ${command} is not on this machine`);
    return false;
  }
}

const [hasPython, hasCurl] = await Promise.all([isThere("python3"), isThere("curl")]);

describe("the samples for publishers", () => {
  it.skipIf(!hasPython)("publish.py tells the story of two stages, one of which fails", async () => {
    const { stdout, stderr } = await run("python3", sample("publish.py"), "python-batch");
    expect([stdout, stderr]).toEqual(["load failed, as it was told to\n", ""]);
    const rows = await rowsOf("python-batch", 2);
    expect(rows.find(({ stageName }) => stageName === "extract")).toMatchObject({
      status: "COMPLETED",
      processedRecordCount: 1200,
      sourceRecordCount: 1204,
    });
    expect(rows.find(({ stageName }) => stageName === "load")).toMatchObject({
      status: "FAILED",
      errorMessage: "ValueError: amount is no number",
    });
  });

  it.skipIf(!hasCurl)("curl.sh publishes an event and its next version", async () => {
    const { stdout } = await run("bash", sample("curl.sh"), "curl-batch");
    expect(stdout).toBe('{"accepted":1,"rejected":[]}\n'.repeat(2));
    const [row] = await rowsOf("curl-batch", 1);
    expect(row).toMatchObject({ status: "COMPLETED", processedRecordCount: 1200 });
  });

  it("typescript.ts publishes with the client as other programs import it, without the server", async () => {
    const { code } = await transformWithEsbuild(await readFile(sample("typescript.ts"), "utf8"), "typescript.ts");
    // Inside of the package, so that its name means the package.
    const folder = join(packageRoot(), "tmp", `sample-${process.pid}`);
    await mkdir(folder, { recursive: true });
    onTestFinished(() => removeFolder(folder));
    await writeFile(join(folder, "typescript.mjs"), code);
    const { stdout, stderr } = await run(process.execPath, join(folder, "typescript.mjs"), "typescript-batch");
    expect([stdout, stderr]).toEqual(["the server has it on disk\n", ""]);
    await rowsOf("typescript-batch", 1);
  });
});
