/** The demo as a person starts it, without a terminal: a process that publishes through the public interface only. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

describe("npm run demo", () => {
  let dataDir: string;
  let demo: ChildProcess;
  let lines: string[];
  let ended: Promise<number | null>;

  beforeEach(() => {
    dataDir = path.join(mkdtempSync(path.join(os.tmpdir(), "weir-demo-")), "demo");
    lines = [];
    demo = spawn(process.execPath, ["scripts/demo.mjs", "--rate", "100", "--data-dir", dataDir], {
      env: { ...process.env, WEIR_PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface({ input: demo.stdout! }).on("line", (line) => lines.push(line));
    ended = new Promise((resolve) => demo.once("exit", resolve));
  });

  afterEach(async () => {
    demo.kill("SIGTERM");
    await ended;
    rmSync(path.dirname(dataDir), { recursive: true });
  });

  const line = (pattern: RegExp) =>
    expect
      .poll(() => lines.find((it) => pattern.test(it)), { timeout: 60_000, message: String(pattern) })
      .toBeDefined();

  const match = (pattern: RegExp): RegExpExecArray => {
    for (const it of lines) {
      const found = pattern.exec(it);
      if (found) return found;
    }
    throw new Error(`No line matches ${pattern}: ${lines.join(" | ")}`);
  };

  const liveEvents = async (base: string): Promise<number> => {
    const answer = await fetch(`${base}/api/v1/feeds/pipeline_events/rows?host!=recorder&limit=1`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { rows: unknown[] }).rows.length;
  };

  /** The server writes its process id into its lock. */
  const serverPid = () => Number(readFileSync(path.join(dataDir, "lock"), "utf8").split(" ")[0]);

  it("loses nothing that was acknowledged when its server is killed, and ends with what it measured (invariant 1)", async () => {
    await line(/Weir is at http/);
    const [, base] = match(/Weir is at (http\S+)/);
    await expect.poll(() => liveEvents(base!), { timeout: 30_000 }).toBe(1);
    process.kill(serverPid(), "SIGKILL");
    await line(/The server is back at http/);
    await line(/acknowledged [1-9]\d* .* seen in \d/);

    demo.kill("SIGTERM");

    expect(await ended).toBe(0);
    const [, acknowledged, inTable] = match(/^Stopped\. acknowledged (\d+) · in the table (\d+) · lost 0 /);
    expect(inTable).toBe(acknowledged);
  });

  it("begins with the recording of an earlier day, labelled as such, its commits spread over the last 24 hours", async () => {
    await line(/Weir is at http/);
    const [, base] = match(/Weir is at (http\S+)/);
    const yesterday = await fetch(`${base}/api/v1/feeds/pipeline_events/rows?at=-2h&limit=5`);
    expect(yesterday.status).toBe(200);
    const { rows } = (await yesterday.json()) as { rows: { labels: Record<string, string> }[] };
    expect(rows.map((row) => row.labels["source"])).toEqual(Array(5).fill("recorded"));
  });
});
