import { expect, onTestFinished, test, vi } from "vitest";
import { diskFull, faultyStorage } from "../../tests/support/faulty-storage";
import { FakeWriter } from "../../tests/support/fake-writer";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { SteppedPace } from "../../tests/support/stepped-pace";
import { temporaryFolder } from "../../tests/support/temporary-folder";
import { silentLog } from "../../tests/support/test-log";
import { until } from "../../tests/support/until";
import { localStorage } from "../lake/storage/local";
import type { Commit } from "../lake/writer";
import { AppError } from "../model/app-error";
import type { Row } from "../model/value";
import { fileEncoder } from "./avro/encode";
import { feedCodec } from "./codec";
import { Committer } from "./committer";
import { Staging } from "./staging";

// Tens of thousands of rows and hundreds of runs take a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const row = (id: string): Row => eventRow({ eventId: id });

async function openCommitter(folder?: string, shown = Promise.resolve()) {
  const storage = faultyStorage(localStorage(folder ?? (await temporaryFolder())));
  const writer = new FakeWriter();
  const pace = new SteppedPace();
  const told: Commit[] = [];
  const time = { now: NINE };
  let committer: Committer | null = null;
  let random = 0;
  const staging = await Staging.open({
    feed: pipelineFeed,
    storage,
    folder: "staging",
    clock: { now: () => time.now },
    log: silentLog,
    maxBytes: 1e9,
    encode: fileEncoder(pipelineFeed),
    decode: (bytes) => feedCodec(pipelineFeed, 1e9).decodeStaged(bytes),
    randomBytes: (size) => Buffer.alloc(size, random++),
    onStaged: () => committer?.nudge(),
    onFound: () => committer?.nudge(),
    onGone: () => undefined,
  });
  committer = new Committer({
    staging,
    writer,
    pace,
    log: silentLog,
    random: () => 1,
    now: () => time.now,
    shown,
    onCommit: (commit) => told.push(commit),
  });
  const started = committer;
  onTestFinished(() => started.close());
  const stage = (...ids: string[]) => staging.stage(ids.map(row), 100);
  const committed = (count: number) => until(`${count} commits`, () => writer.commits.length === count);
  /** The loop sleeps, for this long. */
  const sleeping = async (ms: number) => {
    await until(`a sleep of ${ms} ms`, () => pace.waits.includes(ms));
  };
  return { committer: started, staging, storage, writer, pace, told, time, stage, committed, sleeping };
}

const ids = (rows: readonly Row[]) => rows.map(([id]) => id);

test("what only makes the first commit quicker is read once the pages can be shown, and no commit waits for that", async () => {
  let show = () => {};
  const shown = new Promise<void>((resolve) => (show = resolve));
  const { committer, writer, stage, committed } = await openCommitter(undefined, shown);
  committer.start();
  await stage("a");
  await committed(1);
  expect(writer.prepared).toBe(0);
  show();
  await until("the writer to be prepared", () => writer.prepared === 1);
});

test("a committer that was closed before the pages could be shown reads nothing ahead", async () => {
  let show = () => {};
  const { committer, writer } = await openCommitter(undefined, new Promise<void>((resolve) => (show = resolve)));
  committer.start();
  await until("the tables to be in order", () => writer.recovered === 1);
  await committer.close();
  show();
  await new Promise(setImmediate);
  expect(writer.prepared).toBe(0);
});

test("an idle feed commits at once, deletes what it committed and tells the others", async () => {
  const { committer, staging, writer, told, stage, committed } = await openCommitter();
  committer.start();
  await stage("a", "b");
  await committed(1);
  await committer.whenDrained();
  expect(ids(writer.rows)).toEqual(["a", "b"]);
  expect(staging.list()).toEqual([]);
  await until("the others are told", () => told.length === 1);
});

test("what maintenance commits is told like a commit", async () => {
  const { committer, writer, pace, told, stage, committed } = await openCommitter();
  const left = (await writer.commit([]))!;
  writer.commits.length = 0;
  writer.dropped.push({ ...left, up: [], del: ["old"] });
  pace.advance(60_000);
  committer.start();
  await stage("a");
  await committed(1);
  await until("both are told", () => told.length === 2);
  expect(told.map(({ up, del }) => [ids(up), del])).toEqual([
    [["a"], []],
    [[], ["old"]],
  ]);
});

test("under load the next commit waits 500 ms from the last one's start, and takes all that came meanwhile in order", async () => {
  const { committer, writer, pace, stage, committed, sleeping } = await openCommitter();
  committer.start();
  await stage("a");
  await committed(1);
  await stage("b");
  await stage("c");
  await sleeping(500);
  expect(writer.commits).toHaveLength(1);
  pace.advance(500);
  await committed(2);
  expect(ids(writer.commits[1]!.rows)).toEqual(["b", "c"]);
});

test.each([
  [0, 800],
  [400, 600],
  [900, 200],
  [60_000, 200],
])("after 800 ms of work, when something has waited for %i ms, it rests for %i", async (waited, rest) => {
  const { committer, writer, pace, time, stage, sleeping } = await openCommitter();
  writer.onCommit = async () => {
    time.now += 1;
    await stage("b");
    pace.spend(800);
    time.now += waited;
  };
  committer.start();
  await stage("a");
  await sleeping(rest);
});

test("where commits are another machine's work nothing rests from them, and their gap is kept", async () => {
  const { committer, writer, pace, stage, committed, sleeping } = await openCommitter();
  writer.rhythm = { gapMs: 2_000, rests: false };
  writer.onCommit = () => pace.spend(3_000);
  committer.start();
  await stage("a");
  await committed(1);
  writer.onCommit = () => pace.spend(500);
  await stage("b");
  await committed(2);
  await stage("c");
  await sleeping(1_500);
});

test("a clock that steps back does not stop it", async () => {
  const { committer, writer, pace, stage, committed, time, sleeping } = await openCommitter();
  committer.start();
  await stage("a");
  await committed(1);
  time.now -= 86_400_000;
  await stage("b");
  await sleeping(500);
  pace.advance(500);
  await committed(2);
  expect(ids(writer.rows)).toEqual(["a", "b"]);
});

test("what a commit before the crash took is deleted and not committed again, the rest is (invariant 1)", async () => {
  const folder = await temporaryFolder();
  const before = await openCommitter(folder);
  await before.stage("a");
  await before.stage("b");
  const { committer, writer, staging, committed } = await openCommitter(folder);
  writer.committed = new Set([staging.list()[0]!.name]);
  committer.start();
  await committed(1);
  await committer.whenDrained();
  expect(ids(writer.rows)).toEqual(["b"]);
  expect(staging.list()).toEqual([]);
});

test("an engine that fails is asked again after pauses that grow; nothing is lost and the state says why", async () => {
  const { committer, writer, pace, stage, committed, sleeping } = await openCommitter();
  writer.onCommit = () => {
    throw new AppError("engine-unavailable", "the table is locked");
  };
  committer.start();
  await stage("a");
  for (const pause of [250, 500, 1_000, 2_000]) {
    await sleeping(pause);
    expect(committer.status).toEqual({ state: "stalled", reason: "the table is locked" });
    pace.advance(pause);
  }
  await sleeping(4_000);
  await stage("b");
  writer.onCommit = () => undefined;
  pace.advance(4_000);
  await committed(1);
  expect(ids(writer.rows)).toEqual(["a", "b"]);
  await until("it is live again", () => committer.status.state === "live");
});

test("pauses after failures are bounded", async () => {
  const { committer, writer, pace, stage, sleeping } = await openCommitter();
  writer.onCommit = () => {
    throw diskFull();
  };
  committer.start();
  await stage("a");
  for (const pause of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]) {
    await sleeping(pause);
    pace.advance(pause);
  }
  await sleeping(30_000);
});

test("nothing is committed before recovery worked", async () => {
  const { committer, writer, pace, stage, committed, sleeping } = await openCommitter();
  let failures = 1;
  writer.onRecover = () => {
    if (failures-- > 0) throw new Error("the timeline cannot be read");
  };
  committer.start();
  await stage("a");
  await sleeping(250);
  expect(writer.attempts).toBe(0);
  expect(committer.status).toEqual({ state: "stalled", reason: "the timeline cannot be read" });
  pace.advance(250);
  await committed(1);
  expect(writer.recovered).toBe(2);
});

test("after an outage the newest events are committed first, then the backlog, and the state says so", async () => {
  const folder = await temporaryFolder();
  const outage = await openCommitter(folder);
  const block = (name: string) => Array.from({ length: 10_000 }, (_, i) => `${name}-${i}`);
  for (const name of ["a", "b", "c", "d"]) await outage.stage(...block(name));
  const { committer, writer, pace, stage, committed, sleeping } = await openCommitter(folder);
  committer.start();
  await committed(1);
  expect(writer.rows[0]![0]).toBe("c-0");
  await sleeping(500);
  expect(committer.status).toEqual({ state: "catching-up" });
  await stage("new");
  pace.advance(500);
  await committed(2);
  expect(ids(writer.commits[1]!.rows).filter((id) => /(-0|new)$/.test(id as string))).toEqual(["a-0", "new"]);
  await sleeping(500);
  pace.advance(500);
  await committed(3);
  await committer.whenDrained();
  expect(writer.rows).toHaveLength(40_001);
});

test("events that wait for more than ten seconds are a feed that is catching up", async () => {
  const { committer, stage, time } = await openCommitter();
  await stage("a");
  expect(committer.status).toEqual({ state: "live" });
  time.now += 10_001;
  expect(committer.status).toEqual({ state: "catching-up" });
});

test("files that cannot be deleted after their commit are not committed twice and stop nothing", async () => {
  const { committer, storage, writer, pace, stage, committed, sleeping } = await openCommitter();
  committer.start();
  await stage("a");
  storage.before((call) => {
    if (call.method === "remove") throw diskFull();
  });
  await committed(1);
  await stage("b");
  await sleeping(500);
  pace.advance(500);
  await committed(2);
  expect(ids(writer.rows)).toEqual(["a", "b"]);
});

test("when the tables had everything already, files go and nobody is told", async () => {
  const { committer, staging, writer, told, stage, committed } = await openCommitter();
  writer.hasEverything = true;
  committer.start();
  await stage("a");
  await committed(1);
  await committer.whenDrained();
  expect(staging.list()).toEqual([]);
  expect(told).toEqual([]);
});

test("a listener that throws stops nothing", async () => {
  const { committer, told, pace, stage, committed, sleeping } = await openCommitter();
  told.push = () => {
    throw new Error("no");
  };
  committer.start();
  await stage("a");
  await committed(1);
  await stage("b");
  await sleeping(500);
  pace.advance(500);
  await committed(2);
});

test("the tables are tidied between commits and while nothing happens; failing at it stops nothing", async () => {
  const { committer, writer, pace, stage, committed, sleeping } = await openCommitter();
  writer.onMaintain = () => {
    throw new Error("no");
  };
  committer.start();
  await sleeping(30_000);
  pace.advance(30_000);
  await until("it was tidied while idle", () => writer.maintained === 1);
  pace.advance(5_000);
  await stage("a");
  await committed(1);
  await until("it was tidied after the commit", () => writer.maintained === 2);
});

test("close finishes the running commit and leaves the rest staged", async () => {
  const { committer, staging, writer, stage } = await openCommitter();
  let finish!: () => void;
  writer.onCommit = () => new Promise<void>((resolve) => (finish = resolve));
  committer.start();
  await stage("a");
  await until("the commit runs", () => writer.attempts === 1);
  await stage("b");
  const closing = committer.close();
  finish();
  await closing;
  expect(ids(writer.rows)).toEqual(["a"]);
  expect(ids(await staging.list()[0]!.rows())).toEqual(["b"]);
});

test("a file that the engine cannot take does not hold up the others, stays staged, and is tried again (invariant 6)", async () => {
  const { committer, staging, writer, pace, stage } = await openCommitter();
  let isMended = false;
  writer.onCommit = async (files) => {
    const rows = (await Promise.all(files.map((file) => file.rows()))).flat();
    if (!isMended && ids(rows).includes("poison")) throw new Error("it has a value that I do not know");
  };
  for (const id of ["a", "b", "c", "poison", "d", "e"]) await stage(id);
  committer.start();
  const settle = (what: string, done: () => boolean) =>
    until(what, () => {
      if (!done() && pace.waits.length > 0 && pace.waits[0]! < 30_000) pace.advance(pace.waits[0]!);
      return done();
    });
  await settle("the others", () => writer.rows.length === 5);
  expect(ids(writer.rows)).toEqual(["a", "b", "c", "d", "e"]);
  expect(ids(await staging.list()[0]!.rows())).toEqual(["poison"]);
  const reason = () => (committer.status as { reason?: string }).reason ?? "";
  // The others may be committed before it has been tried by itself.
  await settle("what is wrong", () => /cannot be committed .*: it has a value that I do not know$/.test(reason()));
  expect(committer.status.state).toBe("stalled");

  await stage("f");
  await settle("what comes later", () => writer.rows.length === 6);
  isMended = true;
  pace.advance(60_000);
  await settle("the file itself", () => writer.rows.length === 7);
  await until("it is live again", () => committer.status.state === "live");
});

test("a file that is set aside is no reason to rest less", async () => {
  const { committer, writer, pace, time, stage, sleeping } = await openCommitter();
  const refusePoison = async (files: Parameters<typeof writer.onCommit>[0]) => {
    const rows = (await Promise.all(files.map((file) => file.rows()))).flat();
    if (ids(rows).includes("poison")) throw new Error("it has a value that I do not know");
  };
  writer.onCommit = refusePoison;
  await stage("poison");
  committer.start();
  await until("it is set aside", () => {
    if (pace.waits.length > 0 && pace.waits[0]! < 30_000) pace.advance(pace.waits[0]!);
    return /cannot be committed/.test(JSON.stringify(committer.status));
  });
  time.now += 10_000;
  writer.onCommit = async (files) => {
    await refusePoison(files);
    await stage("b");
    pace.spend(800);
  };
  await stage("a");
  await sleeping(800);
});
