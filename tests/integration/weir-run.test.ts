/** `weir run` around jobs of all kinds, with a server, without one, and with one that comes back. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir, type FileHandle } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { PipelineEvent } from "../support/pipeline-event";
import { temporaryFolder } from "../support/temporary-folder";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";
import { startWeir, weirCommand, type Ended } from "../support/weir-command";

const weir = runningWeir();

/** What the table has of a batch, by attempt. */
async function attemptsOf(correlationId: string, isComplete: (rows: PipelineEvent[]) => boolean) {
  return until(`the story of ${correlationId}`, async () => {
    const answer = await fetch(weir.url(`/api/v1/feeds/pipeline_events/rows?correlationId=${correlationId}`));
    const rows = ((await answer.json()) as { rows: PipelineEvent[] }).rows.sort((a, b) => a.attempt! - b.attempt!);
    return isComplete(rows) && rows;
  });
}

const hasEnded = (attempts: number) => (rows: PipelineEvent[]) =>
  rows.length === attempts && rows.every(({ status }) => status === "COMPLETED" || status === "FAILED");

interface Given {
  args?: string[];
  env?: Record<string, string>;
  stdin?: string;
}

/** `weir run` of a shell script, as one of these batches. */
const runScript = async (batch: string, script: string, { args = [], env = {}, stdin }: Given = {}): Promise<Ended> =>
  weirCommand(["run", "--pipeline", "p", "--stage", "s", "--correlation", batch, ...args, "--", "sh", "-c", script], {
    env: { WEIR_URL: weir.address, WEIR_SPOOL: await temporaryFolder(), ...env },
    ...(stdin !== undefined && { stdin }),
  });

/** The writing end of a named pipe, once somebody has opened it to read. */
const openWhenRead = (path: string): Promise<FileHandle | null> =>
  open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENXIO") return null;
    throw error;
  });

describe("weir run", () => {
  it("leaves input, output and exit code to the job, and tells that it completed, with what it counted", async () => {
    const script = `cat; echo beside >&2; printf 'processed=123\\nsource=125\\nquality=0.5\\nlabel.team=a=b\\nnonsense\\n' >> "$WEIR_REPORT"`;
    const ended = await runScript("fine", script, {
      stdin: "in and out",
      args: ["--label", "kind=nightly", "--log-url", "https://logs.example.org/1", "--job-version", "1.2"],
    });
    expect({ ...ended, stdout: String(ended.stdout), stderr: String(ended.stderr) }).toEqual({
      code: 0,
      signal: null,
      stdout: "in and out",
      stderr: 'beside\nweir: WEIR_REPORT: "nonsense" is not name=value\n',
    });
    const [row] = await attemptsOf("fine", hasEnded(1));
    expect(row).toMatchObject({
      pipelineName: "p",
      stageName: "s",
      status: "COMPLETED",
      attempt: 1,
      processedRecordCount: 123,
      sourceRecordCount: 125,
      qualityScore: 0.5,
      errorMessage: null,
      durationMs: expect.any(Number) as number,
      url: "https://logs.example.org/1",
      version: "1.2",
      labels: { kind: "nightly", team: "a=b" },
    });
    expect(row!.lastUpdatedAt).toBeGreaterThan(row!.eventTimestamp);
    const history = await fetch(weir.url(`/api/v1/feeds/pipeline_events/history/${row!.eventId}`));
    const { versions } = (await history.json()) as { versions: { row: PipelineEvent }[] };
    expect(versions.map((version) => version.row.status)).toEqual(["STARTED", "COMPLETED"]);
  });

  it("tells each attempt of a job that fails and then does not", async () => {
    const folder = await temporaryFolder();
    const script = `test "$WEIR_ATTEMPT" = 3 && exit 0; echo "Traceback:" >&2; echo "  at x" >&2; echo "ValueError: no $WEIR_ATTEMPT" >&2; echo "  at y" >&2; exit 5`;
    const ended = await runScript("again", script, {
      args: ["--retries", "5", "--retry-delay", "1ms"],
      env: { WEIR_SPOOL: folder },
    });
    expect(ended.code).toBe(0);
    const rows = await attemptsOf("again", hasEnded(3));
    expect(rows.map(({ status }) => status)).toEqual(["FAILED", "FAILED", "COMPLETED"]);
    expect(rows[0]!.errorMessage).toBe("exit code 5: ValueError: no 1\nTraceback:\n  at x\nValueError: no 1\n  at y");
    const history = await fetch(weir.url(`/api/v1/feeds/pipeline_events/history/${rows[1]!.eventId}`));
    const { versions } = (await history.json()) as { versions: { row: PipelineEvent }[] };
    expect(versions.map(({ row }) => row.status)).toEqual(["RETRYING", "FAILED"]);
    expect(versions[0]!.row.errorMessage).toBe(rows[0]!.errorMessage);
  });

  it("ends as the job did when retries do not help", async () => {
    const ended = await runScript("never", "exit 9", { args: ["--retries", "1", "--retry-delay", "1ms"] });
    expect(ended.code).toBe(9);
    const rows = await attemptsOf("never", hasEnded(2));
    expect(rows.map(({ errorMessage }) => errorMessage)).toEqual(["exit code 9", "exit code 9"]);
  });

  it("tells of a job that was killed by a signal", async () => {
    expect((await runScript("killed", "kill -KILL $$")).code).toBe(137);
    const [row] = await attemptsOf("killed", hasEnded(1));
    expect(row).toMatchObject({ status: "FAILED", errorMessage: "killed by SIGKILL" });
  });

  it("hands signals on to the job, which decides, and does not try again after one", async () => {
    const args = ["run", "--pipeline", "p", "--correlation", "asked", "--retries", "3", "--"];
    const script = `trap 'echo "asked to stop" >&2; exit 7' TERM; echo ready; while :; do sleep 0.05; done`;
    const { child, ended } = startWeir([...args, "sh", "-c", script], {
      env: { WEIR_URL: weir.address, WEIR_SPOOL: await temporaryFolder() },
    });
    await new Promise((resolve) => child.stdout!.once("data", resolve));
    child.kill("SIGTERM");
    expect((await ended).code).toBe(7);
    const [row] = await attemptsOf("asked", hasEnded(1));
    expect(row!.errorMessage).toBe("exit code 7: asked to stop");
  });

  it("hears a signal that comes while it reads what the job told, tells the story to its end and does not try again", async () => {
    const args = ["run", "--pipeline", "p", "--correlation", "between", "--retries", "3", "--"];
    // A report that gives nothing until somebody writes to it holds the run between the end of its job and the next attempt.
    const script = `rm "$WEIR_REPORT"; mkfifo "$WEIR_REPORT"; echo "$WEIR_REPORT"; exit 3`;
    const { child, ended } = startWeir([...args, "sh", "-c", script], {
      env: { WEIR_URL: weir.address, WEIR_SPOOL: await temporaryFolder() },
    });
    const path = await new Promise<string>((resolve) =>
      child.stdout!.once("data", (line: Buffer) => resolve(String(line).trim())),
    );
    const report = await until("the reader of the report", () => openWhenRead(path));
    child.kill("SIGTERM");
    await report.close();
    expect((await ended).code).toBe(3);
    expect(await attemptsOf("between", hasEnded(1))).toHaveLength(1);
  });

  it("answers as a shell does for a command that is not there, and tells of it", async () => {
    const args = ["run", "--pipeline", "p", "--correlation", "absent", "--retries", "3", "--", "no-such-command-here"];
    const ended = await weirCommand(args, { env: { WEIR_URL: weir.address, WEIR_SPOOL: await temporaryFolder() } });
    expect(ended.code).toBe(127);
    const [row] = await attemptsOf("absent", hasEnded(1));
    expect(row!.errorMessage).toMatch(/^could not be started \(ENOENT\): spawn no-such-command-here/);
  });

  it("passes 100 MB of output and of errors on, byte for byte, and keeps the last lines only", async () => {
    const script = `const line = Buffer.alloc(1024 * 1024, "0123456789abcde\\n");
      const write = (stream, left) => left > 0 && stream.write(line, () => write(stream, left - 1));
      write(process.stdout, 100); write(process.stderr, 100); process.exitCode = 1;`;
    const args = ["run", "--pipeline", "p", "--correlation", "much", "--", process.execPath, "-e", script];
    const ended = await weirCommand(args, { env: { WEIR_URL: weir.address, WEIR_SPOOL: await temporaryFolder() } });
    const expected = createHash("sha256");
    for (let i = 0; i < 100; i++) expected.update(Buffer.alloc(1024 * 1024, "0123456789abcde\n"));
    const digest = expected.digest("hex");
    expect(createHash("sha256").update(ended.stdout).digest("hex")).toBe(digest);
    expect(createHash("sha256").update(ended.stderr).digest("hex")).toBe(digest);
    const [row] = await attemptsOf("much", hasEnded(1));
    expect(row!.errorMessage).toBe(`exit code 1: 0123456789abcde\n${"0123456789abcde\n".repeat(20).trimEnd()}`);
  });

  it("tells hostile text as text: no control character, no colour, no reordering mark (invariant 8)", async () => {
    const hostile =
      "\\033[31mred\\033[0m \\033]0;title\\007 </script><b>\\000 \\342\\200\\256evil\\ndrawn\\rover\\n\\377\\376";
    await runScript("hostile", `printf '${hostile}' >&2; exit 1`);
    const [row] = await attemptsOf("hostile", hasEnded(1));
    expect(row!.errorMessage).toBe("exit code 1: ��\nred  </script><b> evil\nover\n��");
  });

  it("does not wait for what a job leaves running", async () => {
    const ended = await runScript("daemon", "sleep 60 > /dev/null & echo $!");
    process.kill(Number(String(ended.stdout)), "SIGKILL");
    expect(ended.code).toBe(0);
    await attemptsOf("daemon", hasEnded(1));
  });

  it("costs the job nothing when the server is away, and what it could not send goes with the next one, once", async () => {
    const spool = await temporaryFolder();
    const { port } = weir;
    const env = { WEIR_URL: weir.address, WEIR_SPOOL: spool };
    await weir.kill();
    const away = await Promise.all([
      runScript("away-1", "exit 3", { env }),
      runScript("away-2", "true", { env }),
      runScript("away-3", "true", { env }),
    ]);
    expect(away.map(({ code }) => code)).toEqual([3, 0, 0]);
    for (const { stderr } of away)
      expect(String(stderr)).toMatch(
        /^weir: 2 events could not be sent \(.*ECONNREFUSED.*\); kept in .* for the next time\n$/,
      );

    await weir.startAgain(port);
    expect((await runScript("back", "true", { env })).stderr.toString()).toBe("");
    expect((await attemptsOf("away-1", hasEnded(1)))[0]).toMatchObject({ status: "FAILED" });
    for (const batch of ["away-2", "away-3", "back"]) {
      const [row] = await attemptsOf(batch, hasEnded(1));
      const history = await fetch(weir.url(`/api/v1/feeds/pipeline_events/history/${row!.eventId}`));
      expect(((await history.json()) as { versions: unknown[] }).versions).toHaveLength(2);
    }
    const files = (await readdir(spool, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files).toEqual([]);
  });

  it("runs the job also when neither server nor spool can be used", async () => {
    const ended = await runScript("blind", "echo did", {
      env: { WEIR_URL: "http://127.0.0.1:9", WEIR_SPOOL: "/dev/null" },
    });
    expect({ code: ended.code, stdout: String(ended.stdout) }).toEqual({ code: 0, stdout: "did\n" });
    expect(String(ended.stderr)).toMatch(/there is no spool .*\n.*2 events lost/);
  });

  it.each([
    [["--", "true"], "weir run needs --pipeline NAME"],
    [["--pipeline", "p"], "weir run needs a command after --"],
    [
      ["--pipeline", "p", "--retries", "x", "--", "true"],
      '--retries must be a whole number from 0 to 1000 (it is "x").',
    ],
    [["--pipeline", "p", "--colour", "--", "true"], "weir run: Unknown option '--colour'"],
    [["--pipeline", "p", "--url", "weir", "--", "true"], "weir run: The server's address must be such as"],
  ])("%j is refused before anything runs, with code 2", async (args, sentence) => {
    const ended = await weirCommand(["run", ...args], { env: { WEIR_SPOOL: await temporaryFolder() } });
    expect(ended.code).toBe(2);
    expect(String(ended.stderr)).toContain(sentence);
  });
});
