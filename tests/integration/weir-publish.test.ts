/** `weir publish` and the publisher behind it: files of all forms, servers that go away, processes that are killed. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "~/config";
import { createPublisher } from "~/publisher/publisher";
import type { FeedInfo } from "../support/api-client";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { writeContainer } from "../support/avro-writer";
import { temporaryFolder } from "../support/temporary-folder";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";
import { startWeir, weirCommand } from "../support/weir-command";

const schema: unknown = JSON.parse(await readFile(join(packageRoot(), "avro", "PipelineEvent.avsc"), "utf8"));
const SECRET = "a-secret-for-tests-only";
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));
const headers = { authorization: `Bearer ${SECRET}` };

const env = (more: Record<string, string> = {}) => ({ WEIR_URL: weir.address, WEIR_TOKEN: SECRET, ...more });

const eventsOf = (batch: string, count: number): PipelineEvent[] =>
  Array.from({ length: count }, (_, i) =>
    pipelineEvent({ eventId: `${batch}-${i}`, correlationId: batch, eventTimestamp: Date.now() - 60_000 + i }),
  );

/** Ids of a batch in the table once everything is committed, sorted. */
async function idsOf(batch: string): Promise<string[]> {
  await until("everything to be committed", async () => {
    const answer = await fetch(weir.url("/api/v1/feeds/pipeline_events"), { headers });
    return ((await answer.json()) as FeedInfo).staged.events === 0;
  });
  const rows = weir.url(`/api/v1/feeds/pipeline_events/rows?correlationId=${batch}&limit=100000`);
  const answer = (await (await fetch(rows, { headers })).json()) as { rows: PipelineEvent[] };
  return answer.rows.map(({ eventId }) => eventId).sort();
}

const idsIn = (events: readonly PipelineEvent[]): string[] => events.map(({ eventId }) => eventId).sort();

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

const publish = (...args: string[]) => weirCommand(["publish", "pipeline_events", ...args], { env: env() });

describe("weir publish", () => {
  it("sends NDJSON and names the lines that were rejected", async () => {
    const events = eventsOf("lines", 2_000);
    const lines = events.map((event) => JSON.stringify(event));
    lines.splice(2, 0, "", '{"eventId": "bad", "status": "\\u001b[2J"}', "no json");
    const ended = await publish(await file("events.ndjson", lines.join("\r\n")));
    expect(String(ended.stderr)).toMatch(
      /^line 4: correlationId is missing\nline 5: is not a line of JSON: .*\n2000 acknowledged, 2 rejected\n$/,
    );
    expect(ended.code).toBe(1);
    expect(await idsOf("lines")).toEqual(idsIn(events));
  });

  it("sends a JSON array over many lines, digits as they are", async () => {
    const [event] = eventsOf("array", 1);
    const text = JSON.stringify([event, { ...event, eventId: "array-big" }], null, 2).replaceAll(
      '"processedRecordCount": null',
      '"processedRecordCount": 9007199254740993',
    );
    const ended = await publish(await file("events.json", text));
    expect([ended.code, String(ended.stderr)]).toEqual([0, "2 acknowledged\n"]);
    expect(await idsOf("array")).toEqual(["array-0", "array-big"]);
    const one = await fetch(weir.url("/api/v1/feeds/pipeline_events/history/array-big"), { headers });
    expect(await one.json()).toMatchObject({ versions: [{ row: { processedRecordCount: "9007199254740993" } }] });
  });

  it("sends an Avro container file block by block, and says where it is damaged", async () => {
    const events = eventsOf("avro", 8_000);
    const whole = await writeContainer(schema, events, { codec: "deflate", blockSize: 32 * 1024 });
    const cut = await publish(await file("cut.avro", whole.subarray(0, whole.length - 100)));
    expect(cut.code).toBe(1);
    expect(String(cut.stderr)).toMatch(
      /^event \d+: the file is damaged or cut off here: .*\n\d+ acknowledged, \d+ rejected\n$/,
    );
    const ended = await publish(await file("events.avro", whole));
    expect([ended.code, String(ended.stderr)]).toEqual([0, "8000 acknowledged\n"]);
    expect(await idsOf("avro")).toEqual(idsIn(events));
  });

  it("says why nothing is taken, once, and does not try for ever", async () => {
    const path = await file("one.json", JSON.stringify(eventsOf("unwanted", 1)[0]));
    const stranger = await weirCommand(["publish", "pipeline_events", path], { env: env({ WEIR_TOKEN: "wrong" }) });
    expect([stranger.code, String(stranger.stderr)]).toEqual([
      1,
      expect.stringMatching(/^line 1: .*\n0 acknowledged, 1 rejected\n$/),
    ]);
    const lost = await weirCommand(["publish", "nope", path], { env: env() });
    expect(String(lost.stderr)).toMatch(/^line 1: There is no feed "?nope"?.*\n0 acknowledged, 1 rejected\n$/);
    const absent = await weirCommand(["publish", "pipeline_events", "/no/such/file"], { env: env() });
    expect([absent.code, String(absent.stderr)]).toEqual([2, expect.stringContaining('cannot read "/no/such/file"')]);
  });

  it("gives a file up when the server stays away, and keeps what came from a pipe for the next time", async () => {
    const events = eventsOf("pipe", 1_500);
    const text = events.map((event) => JSON.stringify(event)).join("\n");
    const path = await file("events.ndjson", text);
    const { port } = weir;
    const spool = { WEIR_SPOOL: await temporaryFolder() };
    await weir.kill();
    const given = await publish(path, "--wait", "10ms");
    expect(given.code).toBe(1);
    expect(String(given.stderr)).toMatch(/ECONNREFUSED.*trying for 0.01 s more\n(.*\n)?0 acknowledged, 1500 not sent/);
    const kept = await weirCommand(["publish", "pipeline_events", "-"], { env: env(spool), stdin: text });
    expect(kept.code).toBe(3);
    expect(String(kept.stderr)).toMatch(
      /keeping events in the spool\n0 acknowledged, 1500 in the spool, to be sent the next time/,
    );

    await weir.startAgain(port);
    const next = await weirCommand(["publish", "pipeline_events", "-"], { env: env(spool), stdin: "" });
    expect([next.code, String(next.stderr)]).toEqual([0, "0 acknowledged\n"]);
    expect(await idsOf("pipe")).toEqual(idsIn(events));
  });
});

describe("a publisher", () => {
  it("loses nothing and doubles nothing when the server is killed while it publishes (invariants 1 and 2)", async () => {
    const events = eventsOf("storm", 20_000);
    const publisher = await createPublisher({
      url: weir.address,
      feed: "pipeline_events",
      token: SECRET,
      spool: await temporaryFolder(),
      batch: { maxEvents: 200 },
      tries: 2,
    });
    const { port } = weir;
    const outcomes: Promise<string>[] = [];
    for (const [i, event] of events.entries()) {
      await publisher.room();
      outcomes.push(publisher.publish(event).then(({ state }) => state));
      if (i === 4_000) await outcomes[i - 3_000];
      if (i === 5_000) void weir.kill();
      if (i === 15_000) {
        await until("the publisher to notice", () => publisher.state().isAway);
        await weir.startAgain(port);
      }
    }
    const states = new Set(await Promise.all(outcomes));
    expect(states).toEqual(new Set(["acknowledged", "spooled"]));
    await until("the spool to be sent", () => publisher.state().spooledBytes === 0, 60_000);
    await publisher.close();
    expect(await idsOf("storm")).toEqual(idsIn(events));
    const info = (await (await fetch(weir.url("/api/v1/feeds/pipeline_events"), { headers })).json()) as FeedInfo;
    expect(info.deadLetters).toBe(2); // of the test with rejected lines
  });

  it("that is killed leaves what it had spooled to its successor", async () => {
    const events = eventsOf("killed", 300);
    const { port } = weir;
    const folder = await temporaryFolder();
    const spool = { WEIR_SPOOL: folder };
    await weir.kill();
    const { child, ended } = startWeir(["publish", "pipeline_events", "-"], { env: env(spool), stdin: null });
    child.stdin!.write(events.map((event) => JSON.stringify(event)).join("\n") + "\n");
    await until("the spool to hold all of it", async () => (await spooledLines(folder)) === 300);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");

    await weir.startAgain(port);
    const next = await weirCommand(["publish", "pipeline_events", "-"], { env: env(spool) });
    expect(next.code).toBe(0);
    expect(await idsOf("killed")).toEqual(idsIn(events));
    expect(await spooledLines(folder)).toBe(0);
  });
});

async function spooledLines(folder: string): Promise<number> {
  let lines = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith(".part"))
      lines += (await textOf(join(entry.parentPath, entry.name))).split("\n").length - 1;
  }
  return lines;
}

/** Files get another name while they are being sent: what is gone is counted the next time. */
const textOf = (path: string): Promise<string> =>
  readFile(path, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  });
