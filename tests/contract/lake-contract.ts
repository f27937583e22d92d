/**
 * What every engine promises through the ports of the lake (src/lake/reader.ts, src/lake/writer.ts), whichever tables lie
 * behind them. One generated history is committed, maintained as in service, and compared with the model at every instant.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FeedReader, SnapshotQuery } from "~/lake/reader";
import { attemptFields } from "~/model/attempt";
import { keyOf, type Feed } from "~/model/feed";
import { hasOutlines } from "~/live/past";
import { pipelinesOfRuns } from "~/live/past-pipelines";
import { RECENT } from "~/model/pipeline";
import { NOTHING_USUAL } from "~/model/usual/usual";
import { EVERYTHING, matcher, type Filter } from "~/model/filter";
import { instantAt, timeOf, type Instant } from "~/model/instant";
import { positionOf, type Position } from "~/model/position";
import { compareText, longToWire, type Row } from "~/model/value";
import { AttemptFold } from "~/model/view-fold";
import { NINE, pipelineFeed } from "../support/pipeline-feed";
import { seededRandom } from "../support/random";
import { expectSame } from "../support/same";
import { everyTypeFeed, everyTypeRows } from "./every-type-feed";
import { all, close, commitClock, land, NO_LIMIT, type EngineTells, type OpenLake } from "./contract-lake";
import { generatedHistory, HOUR } from "./generated-history";
import { ModelLake } from "./model-lake";
import { byName, outlineContract, pipelinesOf } from "./outline-contract";
import { retentionContract } from "./retention-contract";

const FIELD = (name: string) => pipelineFeed.fields.findIndex((field) => field.name === name);
function countBy(rows: readonly Row[], field: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[String(row[field])] = (counts[String(row[field])] ?? 0) + 1;
  return counts;
}

/** Every other one of so many ids. */
const manyIds = (prefix: string, count: number): string[] =>
  Array.from({ length: count / 2 }, (_, i) => prefix + String(2 * i).padStart(4, "0"));

const FILTERS: readonly Filter[] = [
  { ...EVERYTHING, from: NINE - 24 * HOUR },
  { ...EVERYTHING, from: NINE - HOUR, to: NINE + 5 * 60_000 },
  { ...EVERYTHING, columns: [{ field: FIELD("status"), negated: false, values: ["FAILED", "RETRYING"] }] },
  { ...EVERYTHING, columns: [{ field: FIELD("errorMessage"), negated: false, values: [null, ""] }] },
  { ...EVERYTHING, columns: [{ field: FIELD("errorMessage"), negated: true, values: ["a\0b", "\u0001"] }] },
  {
    ...EVERYTHING,
    columns: [{ field: FIELD("processedRecordCount"), negated: false, values: ["9007199254740993", 0] }],
  },
  { ...EVERYTHING, columns: [{ field: FIELD("qualityScore"), negated: true, values: ["NaN", 0.5] }] },
  { ...EVERYTHING, columns: [{ field: FIELD("eventId"), negated: false, values: ["e-0001", "e-0400"] }] },
  { ...EVERYTHING, columns: [{ field: FIELD("eventId"), negated: false, values: manyIds("e-", 3_000) }] },
  {
    ...EVERYTHING,
    columns: [{ field: FIELD("errorMessage"), negated: true, values: [null, ...manyIds("x-", 50), ""] }],
  },
  { ...EVERYTHING, columns: [{ field: FIELD("attempt"), negated: false, values: [2] }], text: "ZAHL" },
  { ...EVERYTHING, text: "'spalte' %_\\" },
  { ...EVERYTHING, text: "💥", from: NINE - 2 * HOUR },
];

/** Values that people may ask for and no column of the type can hold. */
const OUT_OF_RANGE = [
  ["day", 99_999_999_999],
  ["day", 2_147_483_647],
  ["day", -2_147_483_648],
  ["amount", "9".repeat(40)],
  ["amount", "-0.009"],
  ["whole", "9007199254740993"],
  ["moment", 9_007_199_254_740_991],
] as const;

/**
 * @param open makes an empty lake
 * @param tells of the engine under test
 */
export function lakeContract(name: string, open: OpenLake, tells: EngineTells = {}): void {
  const { isSlow = false } = tells;
  /** Every `step`-th and the last; of a slow engine a few, in each `turn` others. */
  const look = <T>(items: readonly T[], step: number, turn = 0): T[] =>
    isSlow ? few(items, Math.ceil(items.length / (12 * step)), turn) : every(items, step);

  describe.each([
    { read: "from the newest state and the log", retainMs: 0, maintained: true },
    { read: "from the slices of the state", retainMs: 365 * 24 * HOUR, maintained: false },
  ])(`${name}, read $read`, ({ retainMs, maintained }) => {
    const clock = commitClock();
    const model = new ModelLake(pipelineFeed);
    let lake: Awaited<ReturnType<OpenLake>>;
    let reader: FeedReader;
    let at: (instant: Instant) => Position;

    beforeAll(async () => {
      lake = await open({ clock, retainMs });
      const tables = await lake.lake.tables(pipelineFeed);
      reader = tables.reader;
      at = (instant) => positionOf(reader.epoch, instant);
      await tables.writer.recover();
      expect(await reader.head()).toEqual({ position: at("0"), instant: null, committedAt: null });
      expect(await reader.reach()).toBeNull();
      await land(tables.writer, model, clock, generatedHistory(7), maintained);
    });
    afterAll(() => close(lake));

    it("names the newest commit as its head", async () => {
      const head = await reader.head();
      expect(head).toMatchObject({ instant: model.instants.at(-1), position: at(model.instants.at(-1)!) });
      expect(head.committedAt).toBeGreaterThan(0);
    });

    it("gives at every instant the greatest version of each key committed until then (invariants 2, 5)", async () => {
      for (const instant of look(model.instants, 1, maintained ? 1 : 2)) {
        const rows = model.rowsAt(instant, EVERYTHING);
        expectSame(await reader.snapshot(all(at(instant))), { kind: "rows", position: at(instant), rows }, instant);
      }
    });

    it("is empty before the first commit", async () => {
      expect(await reader.snapshot(all(at("0")))).toEqual({ kind: "rows", position: at("0"), rows: [] });
    });

    it.each(FILTERS.map((filter, i) => ({ i, filter })))("answers filter $i at any instant", async ({ i, filter }) => {
      for (const instant of look(model.instants, 19, i)) {
        const answer = await reader.snapshot({ at: at(instant), filter, limit: NO_LIMIT });
        expect(answer, instant).toMatchObject({ rows: model.rowsAt(instant, filter) });
      }
    });

    it("leaves out the fields that are not asked for, whichever they are", async () => {
      const fields = [FIELD("status"), FIELD("eventTimestamp"), FIELD("errorMessage")];
      for (const instant of look(model.instants, 19, 5)) {
        const expected = model.rowsAt(instant, EVERYTHING).slice(0, 50);
        expect(await reader.snapshot({ ...all(at(instant)), limit: 50, fields }), instant).toMatchObject({
          rows: expected.map((row) => row.map((value, i) => (fields.includes(i) ? value : null))),
        });
      }
    });

    it.each(FILTERS.map((filter, i) => ({ i, filter })))(
      "counts filter $i among the newest rows",
      async ({ i, filter }) => {
        const matches = matcher(pipelineFeed, filter);
        for (const [n, instant] of look(model.instants, 19, i + 4).entries()) {
          const within = [NO_LIMIT, 40, 1][isSlow ? (n + i) % 3 : n % 3]!;
          const count = model.rowsAt(instant, EVERYTHING).slice(0, within).filter(matches).length;
          expect(await reader.count({ at: at(instant), filter, within }), instant).toMatchObject({
            kind: "count",
            count,
          });
        }
      },
    );

    it("outlines a window so that the same counts, problems and pipelines follow as from all of its rows", async () => {
      if (!hasOutlines(reader)) return;
      const attempts = attemptFields(pipelineFeed)!;
      for (const [i, instant] of every(model.instants, 5).entries()) {
        const within = [NO_LIMIT, 300, 40, 1][i % 4]!;
        const since = timeOf(instant) - 24 * HOUR;
        const rows = model.rowsAt(instant, EVERYTHING).slice(0, within);
        const outline = await reader.outline({ at: at(instant), within, newest: 7, since, runs: RECENT });
        if (outline.kind === "gone") throw new Error("gone");
        const { counts, newest, deciding, runs } = outline;
        const problems = (of: readonly Row[]) =>
          new AttemptFold(attempts, of).problems().sort((a, b) => compareText(a.id, b.id));
        expect(newest, instant).toEqual(rows.slice(0, 7));
        expect(counts, instant).toEqual({
          window: countBy(rows, FIELD("status")),
          day: countBy(
            rows.filter((row) => (row[pipelineFeed.eventTime] as number) >= since),
            FIELD("status"),
          ),
        });
        expect(problems(deciding), instant).toEqual(problems(rows));
        expect(byName(pipelinesOfRuns(attempts, runs!, NOTHING_USUAL)), instant).toEqual(pipelinesOf(rows));
      }
      const before = await reader.outline({ at: at("0"), within: 9, newest: 9, since: 0, runs: RECENT });
      expect(before).toMatchObject({ counts: { window: {}, day: {} }, newest: [], deciding: [] });
      expect(before).toMatchObject({ runs: { newest: [], others: [], undecided: [] } });
    });

    it("pages through a snapshot without gap or overlap", async () => {
      for (const [i, instant] of look(model.instants, 21, maintained ? 3 : 6).entries()) {
        const filter = FILTERS[i % FILTERS.length]!;
        const expected = model.rowsAt(instant, filter);
        const limit = Math.max(3, Math.ceil(expected.length / (isSlow ? 3 : 6)));
        expectSame(await pages(reader, { at: at(instant), filter, limit }), expected, instant);
      }
    });

    it("scans the same rows in pieces, and ends when told", async () => {
      const instant = model.instants[20]!;
      const rows: Row[] = [];
      for await (const piece of reader.scan(all(at(instant)), new AbortController().signal)) rows.push(...piece);
      expect(rows).toEqual(model.rowsAt(instant, EVERYTHING));
      await expect(async () => {
        for await (const piece of reader.scan(all(at(instant)), AbortSignal.abort())) rows.push(...piece);
      }).rejects.toThrow();
    });

    it("tells with each row when it was committed and where it belongs", async () => {
      for (const instant of [model.instants[5]!, model.instants.at(-1)!]) {
        const answer = await reader.snapshotWithMeta(all(at(instant)));
        if (answer.kind === "gone") throw new Error("gone");
        const state = model.stateAt(instant);
        for (const { row, meta } of answer.rows) {
          const version = state.get(keyOf(pipelineFeed, row))!;
          const day = new Date(row[pipelineFeed.eventTime] as number).toISOString().slice(0, 10);
          expect(row).toEqual(version.row);
          expect(meta[0]).toBe(version.instant);
          expect(meta[1].startsWith(version.instant)).toBe(true);
          expect(meta.slice(2, 4)).toEqual([keyOf(pipelineFeed, row), `event_date=${day}`]);
          expect(meta[5]).toBe(day);
        }
      }
    });

    it("gives for any range the rows that changed in it, and no version that lost (invariant 4)", async () => {
      const random = seededRandom(3);
      for (let i = 0; i < (isSlow ? 4 : 25); i++) {
        const [a, b] = [random.pick(model.instants), random.pick(model.instants)].sort() as [Instant, Instant];
        const changes = await reader.changes(at(a), at(b));
        const expected = { kind: "delta", from: at(a), to: at(b), up: model.changes(a, b), del: [] };
        expectSame(changes, expected, `${a}..${b}`);
      }
    });

    it("follows to the head when no end is given, and from the beginning", async () => {
      const since = model.instants.at(-4)!;
      const newest = model.instants.at(-1)!;
      expect(await reader.changes(at(since))).toMatchObject({ to: at(newest), up: model.changes(since, newest) });
      expect(await reader.changes(at("0"), at(model.instants[9]!))).toMatchObject({
        kind: "delta",
        from: at("0"),
        up: model.rowsAt(model.instants[9]!, EVERYTHING),
      });
      const whole = model.changes("0", newest).length;
      expect(await reader.changes(at("0"), at(newest), whole)).toMatchObject({ kind: "delta" });
      expect(await reader.changes(at("0"), at(newest), whole - 1)).toEqual({ kind: "too-many" });
      const since0 = model.instants[0]!;
      const later = model.changes(since0, newest).length;
      expect(await reader.changes(at(since0), at(newest), later)).toMatchObject({ kind: "delta" });
      expect(await reader.changes(at(since0), at(newest), later - 1)).toEqual({ kind: "too-many" });
      expect(await reader.changes(at(newest))).toEqual({
        kind: "delta",
        from: at(newest),
        to: at(newest),
        up: [],
        del: [],
      });
    });

    it("starts a reader again whose position is of another epoch, or later than the head", async () => {
      const newest = model.instants.at(-1)!;
      expect(await reader.changes(positionOf("0badc0de", newest))).toEqual({ kind: "reset", reason: "epoch" });
      const later = instantAt(timeOf(newest) + 1);
      expect(await reader.changes(at(later))).toEqual({ kind: "reset", reason: "bad-since" });
      expect(await reader.changes(at(newest), at(model.instants[0]!))).toEqual({ kind: "reset", reason: "bad-since" });
      expect(await reader.snapshot(all(positionOf("0badc0de", newest)))).toMatchObject({ kind: "gone" });
      expect(await reader.snapshot(all(at(later)))).toMatchObject({ kind: "gone" });
    });

    it("resolves a time to the newest commit at or before it, an instant and a position to themselves", async () => {
      for (const instant of every(model.instants, 11)) {
        const expected = { kind: "head", position: at(instant), instant };
        expect(await reader.resolve({ time: timeOf(instant) })).toMatchObject(expected);
        expect(await reader.resolve({ time: timeOf(instant) + 1 })).toMatchObject(expected);
        expect(await reader.resolve({ instant })).toMatchObject(expected);
        expect(await reader.resolve({ position: at(instant) })).toMatchObject(expected);
      }
      const newest = model.instants.at(-1)!;
      expect(await reader.resolve({ time: timeOf(newest) + HOUR })).toMatchObject({ instant: newest });
    });

    it("answers what it does not have with the oldest that it has (invariant 5)", async () => {
      const oldest = model.instants[0]!;
      const gone = { kind: "gone", oldest: at(oldest), oldestInstant: oldest };
      const unknown = instantAt(timeOf(model.instants[3]!) + 1);
      expect(await reader.reach()).toBe(oldest);
      expect(await reader.resolve({ time: timeOf(oldest) - 1 })).toEqual(gone);
      expect(await reader.resolve({ instant: unknown })).toEqual(gone);
      expect(await reader.resolve({ position: positionOf("0badc0de", oldest) })).toEqual(gone);
      expect(await reader.changes(at(instantAt(timeOf(oldest) - 1)))).toEqual(gone);
    });

    it("lists the commits of a range, oldest first", async () => {
      const { instants } = model;
      const range = (after: Instant | null, until: Instant, limit = NO_LIMIT) =>
        reader.instants({ after, until, limit });
      expect(await range(null, instants.at(-1)!)).toEqual(instants);
      expect(await range(instants[4]!, instants[40]!)).toEqual(instants.slice(5, 41));
      expect(await range(instants[4]!, instants[40]!, 7)).toEqual(instants.slice(5, 12));
      expect(await range(null, instants.at(-1)!, 57)).toEqual(instants.slice(0, 57));
      expect(await range(instants.at(-1)!, instants.at(-1)!)).toEqual([]);
    });

    it("gives the versions of a key by ordering value, rank and arrival", async () => {
      const keys = [...model.stateAt(model.instants.at(-1)!).keys()];
      const busiest = keys.sort((a, b) => model.history(b).length - model.history(a).length).slice(0, isSlow ? 3 : 10);
      for (const key of busiest) expect(await reader.history(key), key).toEqual(model.history(key));
      expect(await reader.history("no such 'key'")).toEqual([]);
    });

    it("counts the state", async () => {
      const rows = model.rowsAt(model.instants.at(-1)!, EVERYTHING);
      const byStatus: Record<string, number> = {};
      for (const row of rows) {
        const status = row[pipelineFeed.status!] as string;
        byStatus[status] = (byStatus[status] ?? 0) + 1;
      }
      const newestEventAt = rows[0]![pipelineFeed.eventTime];
      expect(await reader.statistics()).toEqual({ rows: rows.length, byStatus, newestEventAt });
    });

    it("tells the timeline, newest first, in pages", async () => {
      const { entries } = await reader.timeline({ limit: NO_LIMIT });
      const commits = entries.filter(({ action }) => action === "commit");
      const kept = model.instants.filter((instant) => instant >= commits.at(-1)!.instant);
      expect(commits.map(({ instant }) => instant)).toEqual([...kept].reverse());
      const [newest] = commits;
      expect(newest).toMatchObject({ position: (await reader.head()).position, state: "COMPLETED", batches: 1 });
      const changed = model.changes(model.instants.at(-2)!, newest!.instant);
      expect(newest!.inserted + newest!.updated).toBe(changed.length);
      expect(newest!.partitions.length).toBeGreaterThan(0);
      const paged = [];
      let next: Instant | null = null;
      do {
        const page = await reader.timeline({ limit: isSlow ? 25 : 5, ...(next === null ? {} : { after: next }) });
        paged.push(...page.entries);
        next = page.next;
      } while (next !== null);
      expect(paged).toEqual(entries);
    });

    it("gives equal answers to equal questions that are asked at once", async () => {
      const query = all(at(model.instants[30]!));
      const answers = await Promise.all(Array.from({ length: 8 }, () => reader.snapshot(query)));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    });
  });

  describe(`${name}, beyond what is kept`, () => {
    it("answers for the events whose versions the log still has, and gone for the others (invariant 5)", async () => {
      const clock = commitClock();
      const feed: Feed = { ...pipelineFeed, name: "short_history", historyMs: 24 * HOUR };
      const lake = await open({ clock, retainMs: 0 });
      try {
        const { reader, writer } = await lake.lake.tables(feed);
        const model = new ModelLake(feed);
        await writer.recover();
        await land(writer, model, clock, generatedHistory(11, { commits: 30, perCommit: 12, gapMs: 4 * HOUR }), true);
        const reach = (await reader.reach())!;
        expect(reach > model.instants[0]!).toBe(true);
        expect(model.instants).toContain(reach);
        const before = model.instants[model.instants.indexOf(reach) - 1]!;
        const gone = { kind: "gone", oldestInstant: reach };
        const at = (instant: Instant) => positionOf(reader.epoch, instant);
        expect(await reader.resolve({ instant: before })).toMatchObject(gone);
        expect(await reader.snapshot(all(at(before)))).toMatchObject(gone);
        expect(await reader.changes(at(before))).toMatchObject(gone);
        let answered = 0;
        const kept = model.instants.filter((i) => i >= reach);
        for (const instant of [...look(kept, 1), kept.at(-1)!]) {
          for (const filter of [EVERYTHING, { ...EVERYTHING, from: timeOf(reach) + 25 * HOUR }]) {
            const answer = await reader.snapshot({ ...all(at(instant)), filter });
            if (answer.kind === "gone") expect(filter, instant).toBe(EVERYTHING);
            else expect(answer.rows, instant).toEqual(model.rowsAt(instant, filter));
            if (answer.kind === "rows" && filter === EVERYTHING) answered++;
          }
        }
        expect(answered).toBeGreaterThan(0);
      } finally {
        await close(lake);
      }
    });

    it("keeps only what its slices hold when a feed has no history", async () => {
      const clock = commitClock();
      const feed: Feed = { ...pipelineFeed, name: "no_history", historyMs: null };
      const lake = await open({ clock, retainMs: 0 });
      try {
        const { reader, writer } = await lake.lake.tables(feed);
        const model = new ModelLake(feed);
        await writer.recover();
        await land(writer, model, clock, generatedHistory(5, { commits: 40 }), true, { withoutHistory: true });
        const reach = (await reader.reach())!;
        const at = (instant: Instant) => positionOf(reader.epoch, instant);
        expect(reach > model.instants[0]!).toBe(true);
        expect(await reader.snapshot(all(at(model.instants[0]!)))).toMatchObject({
          kind: "gone",
          oldestInstant: reach,
        });
        expect(await reader.resolve({ instant: model.instants[0]! })).toMatchObject({ kind: "gone" });
        expect(await reader.changes(at(model.instants[0]!))).toMatchObject({ kind: "gone" });
        for (const instant of look(
          model.instants.filter((i) => i >= reach),
          1,
        )) {
          expect(await reader.snapshot(all(at(instant))), instant).toMatchObject({
            rows: model.rowsAt(instant, EVERYTHING),
          });
        }
      } finally {
        await close(lake);
      }
    });
  });

  outlineContract(name, open);
  retentionContract(name, open, tells);

  describe(`${name}, whatever the feed`, () => {
    it("gives every value of every type back as it came, from slices and from the log", async () => {
      const clock = commitClock();
      const lake = await open({ clock, retainMs: 0 });
      try {
        const { reader, writer } = await lake.lake.tables(everyTypeFeed);
        const model = new ModelLake(everyTypeFeed);
        await writer.recover();
        const commits = Array.from({ length: 24 }, (_, n) => ({ at: n * HOUR, rows: everyTypeRows.map(laterBy(n)) }));
        await land(writer, model, clock, commits, true);
        for (const instant of look(model.instants, 10)) {
          const at = positionOf(reader.epoch, instant);
          const rows = model.rowsAt(instant, EVERYTHING);
          expect(rows.length).toBe(everyTypeRows.length);
          // Few rows and many travel by different ways.
          for (const limit of [10, NO_LIMIT]) {
            expect(await reader.snapshot({ at, filter: EVERYTHING, limit }), instant).toMatchObject({ rows });
          }
          const columns = everyTypeFeed.fields.flatMap((_, field) => {
            const value = rows[0]![field]!;
            return typeof value === "object" ? [] : [{ field, negated: false, values: [value] }];
          });
          for (const some of chunks(columns, isSlow ? 4 : 1)) {
            const filter = { ...EVERYTHING, columns: some };
            const expected = model.rowsAt(instant, filter);
            const answer = await reader.snapshot({ at, filter, limit: 10 });
            expect(answer, JSON.stringify(some)).toMatchObject({ rows: expected });
          }
        }
        expect(await reader.history("large")).toEqual(model.history("large"));
        const head = await reader.head();
        for (const [name, value] of OUT_OF_RANGE) {
          const field = everyTypeFeed.fields.findIndex((known) => known.name === name);
          const filter = { ...EVERYTHING, columns: [{ field, negated: false, values: [value] }] };
          expect(await reader.snapshot({ at: head.position, filter, limit: 10 }), name).toMatchObject({ rows: [] });
        }
      } finally {
        await close(lake);
      }
    });

    it("folds an append feed, which is its own log", async () => {
      const clock = commitClock();
      const feed: Feed = { ...pipelineFeed, name: "appended", writeMode: "append", historyMs: null };
      const lake = await open({ clock, retainMs: 0 });
      try {
        const { reader, writer } = await lake.lake.tables(feed);
        const model = new ModelLake(feed);
        await writer.recover();
        await land(writer, model, clock, generatedHistory(17, { commits: 30 }), true);
        const at = (instant: Instant) => positionOf(reader.epoch, instant);
        for (const instant of look(model.instants, 7, 2)) {
          const rows = model.rowsAt(instant, EVERYTHING);
          expect(await reader.snapshot(all(at(instant))), instant).toMatchObject({ rows });
          expect(await reader.resolve({ time: timeOf(instant) + 1 })).toMatchObject({ instant });
        }
        const [since, until] = [model.instants[4]!, model.instants[20]!];
        expect(await reader.changes(at(since), at(until))).toMatchObject({ up: model.changes(since, until) });
        expect(await reader.instants({ after: null, until, limit: 9 })).toEqual(model.instants.slice(0, 9));
        expect((await reader.statistics()).rows).toBe(model.stateAt(model.instants.at(-1)!).size);
      } finally {
        await close(lake);
      }
    });
  });
}

/** The same row, later in event time by hours and by its ordering value; values that cannot grow stay. */
const laterBy =
  (hours: number) =>
  (row: Row): Row =>
    row.map((value, field) => {
      if (field === everyTypeFeed.eventTime) return (value as number) + hours * HOUR;
      if (field !== everyTypeFeed.ordering) return value;
      const sum = BigInt(value as string | number) + BigInt(hours);
      return longToWire(sum > 2n ** 63n - 1n ? 2n ** 63n - 1n : sum);
    });

const every = <T>(items: readonly T[], step: number, from = 0): T[] =>
  items.filter((_, i) => i % step === from % step || i === items.length - 1);

/** So many, evenly apart, beginning somewhere else in each turn. */
const few = <T>(items: readonly T[], count: number, turn: number): T[] =>
  Array.from({ length: count }, (_, i) => items[(7 * turn + Math.floor((i * items.length) / count)) % items.length]!);

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

async function pages(reader: FeedReader, query: SnapshotQuery): Promise<Row[]> {
  const rows: Row[] = [];
  let after: SnapshotQuery["after"];
  for (;;) {
    const answer = await reader.snapshot({ ...query, ...(after === undefined ? {} : { after }) });
    if (answer.kind === "gone") throw new Error(`gone: ${JSON.stringify(answer)}`);
    rows.push(...answer.rows);
    const last = answer.rows.at(-1);
    if (last === undefined) return rows;
    after = { eventTime: last[pipelineFeed.eventTime] as number, key: keyOf(pipelineFeed, last) };
  }
}
