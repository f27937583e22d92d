/** The demo as a person starts it, without a terminal: a process that publishes through the public interface only. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

/** A first start builds, replays a day and then serves; other tests may be using the processors. */
const START_WITHIN_MS = 300_000;

describe("npm run demo", () => {
  let folder: string;
  let dataDir: string;
  let demo: ChildProcess;
  let base: string;
  let ended: Promise<number | null>;
  const lines: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "weir-demo-"));
    dataDir = path.join(folder, "demo");
    demo = spawn(process.execPath, ["scripts/demo.mjs", "--rate", "100", "--data-dir", dataDir], {
      env: { ...process.env, WEIR_PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface({ input: demo.stdout! }).on("line", (line) => lines.push(line));
    ended = new Promise((resolve) => demo.once("exit", resolve));
    await line(/Weir is at http/);
    base = match(/Weir is at (http\S+)/)[1]!;
  }, START_WITHIN_MS);

  afterAll(async () => {
    demo.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  });

  const line = (pattern: RegExp) =>
    vi.waitFor(() => expect(lines).toContainEqual(expect.stringMatching(pattern)), { timeout: START_WITHIN_MS });

  const match = (pattern: RegExp): RegExpExecArray => {
    for (const it of lines) {
      const found = pattern.exec(it);
      if (found) return found;
    }
    throw new Error(`No line matches ${pattern}: ${lines.join(" | ")}`);
  };

  const rowsOf = async (query: string): Promise<{ host: string; labels: Record<string, string> }[]> => {
    const answer = await fetch(`${base}/api/v1/feeds/pipeline_events/rows?${query}`);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { rows: { host: string; labels: Record<string, string> }[] }).rows;
  };

  /** The server writes its process id into its lock. */
  const serverPid = () => Number(readFileSync(path.join(dataDir, "lock"), "utf8").split(" ")[0]);

  it("begins with the recording of an earlier day, labelled as such, its commits spread over the last 24 hours", async () => {
    const rows = await rowsOf("at=-2h&limit=5");
    expect(rows.map((row) => row.labels["source"])).toEqual(Array(5).fill("recorded"));
    expect(await rowsOf("at=-20h&from=-24h&limit=1")).toHaveLength(1);
  });

  it("loses nothing that was acknowledged when its server is killed, and ends with what it measured (invariant 1)", async () => {
    await expect.poll(() => rowsOf("host!=recorder&limit=1"), { timeout: 60_000 }).toHaveLength(1);
    process.kill(serverPid(), "SIGKILL");
    await line(/The server is back at http/);
    await line(/acknowledged [1-9]\d* .* seen in \d/);

    demo.kill("SIGTERM");

    expect(await ended).toBe(0);
    const [, acknowledged, inTable] = match(/^Stopped\. acknowledged (\d+) · in the table (\d+) · lost 0 /);
    expect(inTable).toBe(acknowledged);
  });
});
