import fc from "fast-check";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { hourFeed, hoursAsRows } from "../../../tests/support/hour-feed";
import { MemoryFeed } from "../../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../../tests/support/pipeline-feed";
import { attemptFields } from "../../model/attempt";
import { foldHours } from "../../model/hours/hour-fold";
import { HOUR_MS, type PipelineHour } from "../../model/hours/pipeline-hour";
import { timeOf } from "../../model/instant";
import { compareText, type Row } from "../../model/value";
import { atOnce } from "../../model/work";
import { HoursInMemory, KeptHours, type HourStore } from "./hour-store";
import { rollUp } from "./roll-up";

const MINUTE = 60_000;
const DAY = 24 * HOUR_MS;
const fields = attemptFields(pipelineFeed)!;
const log = pino({ level: "silent" });

/** Before which write of a pass the process is killed. */
type Mood = "whole" | "first" | "second" | "third";
type Write = (rows: readonly Row[]) => Promise<void>;

type Rest = (workedMs: number) => Promise<void>;

/** A source, and the feed of its hours, of which each `open` is another process. */
class Lake {
  readonly source = new MemoryFeed(pipelineFeed);
  readonly hours = new MemoryFeed(hourFeed, "h1");
  readonly #state = new Map<string, Row>();
  #at = NINE + HOUR_MS;

  open(write: (commit: Write) => Write = (commit) => commit): KeptHours {
    return new KeptHours(hoursAsRows, this.hours, write(this.commitHours));
  }

  commitHours: Write = (rows) => {
    this.hours.commit((this.#at += 10), rows);
    return Promise.resolve();
  };

  publish(rows: readonly Row[], at = this.#at + MINUTE): void {
    this.#at = Math.max(this.#at + 1, at);
    for (const row of rows) this.#state.set(row[0] as string, row);
    this.source.commit(this.#at, [...new Map(rows.map((row) => [row[0], row])).values()]);
  }

  async pass(
    store: HourStore,
    mostRows = 100_000,
    atOnce = 5_000,
    rest: Rest = () => Promise.resolve(),
  ): Promise<void> {
    await store.refresh(this.#at);
    const signal = new AbortController().signal;
    await rollUp({ fields, reader: this.source, store, log, mostRows, atOnce, signal, rest });
  }

  /** What the hours should be: folded at once from everything. */
  truth(): PipelineHour[] {
    const rows = [...this.#state.values()];
    const all = { fields, rows, from: NINE - 60 * DAY, to: NINE + 60 * DAY, sourceAt: this.#at, shownAt: () => null };
    return rows.length === 0 ? [] : atOnce(foldHours(all));
  }
}

/** What matters of hours, whichever position computed them. */
const plain = (hours: readonly PipelineHour[]) =>
  hours
    .filter(({ attempts, state }) => attempts > 0 && (state === "PROVISIONAL" || state === "FINAL"))
    .map(({ sourceAt: _, state: __, ...rest }) => rest)
    .sort((a, b) => compareText(a.hourId, b.hourId));

const keptHours = async (store: HourStore) => store.hours(NINE - 60 * DAY, NINE + 60 * DAY);

const at = (minute: number, values: Parameters<typeof eventRow>[0] = {}) =>
  eventRow({
    eventId: `e-${minute}`,
    correlationId: `b-${minute}`,
    eventTimestamp: NINE + minute * MINUTE,
    lastUpdatedAt: NINE + (minute + 1) * MINUTE,
    processedRecordCount: 10,
    ...values,
  });

const events = fc.array(
  fc.record({
    key: fc.integer({ min: 0, max: 40 }),
    batch: fc.integer({ min: 0, max: 6 }),
    pipeline: fc.constantFrom("orders", "stock", "billing"),
    stage: fc.constantFrom("read", "load"),
    status: fc.constantFrom("STARTED", "RUNNING", "FAILED", "COMPLETED"),
    rows: fc.constantFrom(null, 5),
  }),
  { maxLength: 12 },
);

/** The event time of an event never changes: it follows from its key. */
const rowsOf = (
  items: { key: number; batch: number; pipeline: string; stage: string; status: string; rows: number | null }[],
  step: number,
) =>
  items.map(({ key, batch, pipeline, stage, status, rows }, i) =>
    eventRow({
      eventId: `e-${key}`,
      correlationId: `b-${batch}`,
      pipelineName: pipeline,
      stageName: stage,
      status,
      eventTimestamp: NINE + ((key * 37) % 300) * MINUTE,
      lastUpdatedAt: NINE + 5 * HOUR_MS + step * MINUTE + i,
      processedRecordCount: rows,
    }),
  );

describe("rolling up", () => {
  it("ends with the hours of everything, however commits, passes, faults and restarts are mixed", async () => {
    const steps = fc.array(
      fc.record({
        items: events,
        pass: fc.constantFrom(null, "whole" as const, "first" as const, "second" as const, "third" as const),
        restart: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(10, 100_000),
        fc.constantFrom(3, 5_000),
        async (all, mostRows, atOnce) => {
          const lake = new Lake();
          let mood: Mood = "whole";
          let writes = 0;
          const moody =
            (commit: Write): Write =>
            async (rows) => {
              const left = { whole: Infinity, first: 0, second: 1, third: 2 }[mood]!;
              if (++writes > left) throw new Error("killed");
              await commit(rows);
            };
          let store = lake.open(moody);
          for (const [i, { items, pass, restart }] of all.entries()) {
            lake.publish(rowsOf(items, i));
            if (restart) store = lake.open(moody);
            if (pass === null) continue;
            [mood, writes] = [pass, 0];
            await lake.pass(store, mostRows, atOnce).catch((error: Error) => expect(error.message).toBe("killed"));
          }
          mood = "whole";
          await lake.pass(store, 100_000);
          expect(plain(await keptHours(store))).toEqual(plain(lake.truth()));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("rests from its work, and not from its rest", async () => {
    const lake = new Lake();
    lake.publish(Array.from({ length: 5_000 }, (_, i) => at(i % 60, { eventId: `e-${i}`, correlationId: `b-${i}` })));
    let [workedMs, restedMs] = [0, 0];
    const began = performance.now();
    await lake.pass(lake.open(), 100_000, 5_000, (ms) => {
      workedMs += ms;
      const restedFrom = performance.now();
      while (performance.now() < restedFrom + 5);
      restedMs += performance.now() - restedFrom;
      return Promise.resolve();
    });
    expect(workedMs).toBeGreaterThan(0);
    expect(workedMs).toBeLessThanOrEqual(performance.now() - began - restedMs);
  });

  it("writes nothing when nothing has changed, and what is kept names the position that it is of", async () => {
    const lake = new Lake();
    lake.publish([at(1), at(61)]);
    const store = lake.open();
    await lake.pass(store);
    const before = await lake.hours.head();
    await lake.pass(store);
    expect(await lake.hours.head()).toEqual(before);
    lake.publish([at(62)]);
    await lake.pass(store);
    const { sourceAt: first } = (await keptHours(store)).find(
      ({ hour, stageName }) => hour === NINE && stageName === null,
    )!;
    const { sourceAt: second } = (await keptHours(store)).find(
      ({ hour, stageName }) => hour > NINE && stageName === null,
    )!;
    expect(second).toBeGreaterThan(first);
    expect(store.table.readTo).toBe(second);
  });

  it("opens an hour again when something late comes, and closes it when the watermark has passed", async () => {
    const lake = new Lake();
    const store = lake.open();
    const nine = async () =>
      (await keptHours(store)).find(({ hour, stageName }) => hour === NINE && stageName === null)!;
    lake.publish([at(5)], NINE + 10 * MINUTE);
    await lake.pass(store);
    expect(await nine()).toMatchObject({ state: "PROVISIONAL", attempts: 1 });
    lake.publish([at(150)], NINE + 151 * MINUTE);
    await lake.pass(store);
    expect(await nine()).toMatchObject({ state: "FINAL", attempts: 1 });
    lake.publish([at(20, { lastUpdatedAt: NINE + 180 * MINUTE })], NINE + 181 * MINUTE);
    await lake.pass(store);
    expect(await nine()).toMatchObject({ state: "PROVISIONAL", attempts: 2 });
    lake.publish([at(250)], NINE + 251 * MINUTE);
    await lake.pass(store);
    expect(await nine()).toMatchObject({ state: "FINAL", attempts: 2 });
  });

  it("makes a stage final that began in another hour than its run", async () => {
    const lake = new Lake();
    const store = lake.open();
    const stages = [at(59, { stageName: "read" }), at(61, { correlationId: "b-59" })];
    lake.publish(stages, NINE + 62 * MINUTE);
    await lake.pass(store);
    lake.publish([at(400)], NINE + 401 * MINUTE);
    await lake.pass(lake.open());
    const load = (await keptHours(store)).find(
      ({ stageName, hour }) => stageName === "load" && hour === NINE + HOUR_MS,
    )!;
    expect(load).toMatchObject({ attempts: 1, state: "FINAL" });
  });

  it("remembers an hour a day after it, once: what comes later changes the hour and not what was usual", async () => {
    const lake = new Lake();
    const store = lake.open();
    const series = Array.from({ length: 50 }, (_, i) => at(i * 6));
    lake.publish(series, NINE + 6 * HOUR_MS);
    await lake.pass(store);
    expect(store.table.usualAt(NINE + 8 * HOUR_MS).of("orders", NINE)).toBeNull();
    lake.publish([at(2_000)], NINE + 30 * HOUR_MS);
    await lake.pass(store);
    const then = NINE + 32 * HOUR_MS;
    const usual = store.table.usualAt(then).of("orders", NINE)!;
    expect(usual.every!.median / MINUTE).toBeCloseTo(6, 0);
    expect(usual.firstSeenAt).toBe(NINE);
    // Late: ten minutes of quiet turn out to have been none.
    lake.publish(series.slice(0, 20).map((row, i) => at(i * 6 + 3, { eventId: `late-${i}`, correlationId: `l-${i}` })));
    await lake.pass(store);
    expect(store.table.usualAt(then).of("orders", NINE)).toEqual(usual);
    // Another server, and the same one after a restart, say the same of the same position (invariants 4 and 5).
    const other = lake.open();
    await other.refresh(then);
    expect(other.table.usualAt(then).of("orders", NINE)).toEqual(usual);
    expect(other.table.usualAt(NINE + 30 * HOUR_MS).of("orders", NINE)).toBeNull();
  });

  it("keeps the hours that the source has forgotten", async () => {
    const lake = new Lake();
    const store = lake.open();
    lake.publish([at(5)], NINE + 10 * MINUTE);
    await lake.pass(store);
    lake.publish([at(36 * 24 * 60)], NINE + 36 * DAY + MINUTE);
    lake.source.commit(NINE + 36 * DAY + 2 * MINUTE, [], ["e-5"]);
    await lake.pass(store);
    expect((await keptHours(store)).filter(({ hour }) => hour === NINE)).toHaveLength(2);
  });

  it("tells of a time before the first roll-up that nothing was known, and of one that has left the log that it cannot tell", async () => {
    const lake = new Lake();
    const store = lake.open();
    const nothing = { runs: [], readTo: null };
    expect(await store.runsAt(NINE, NINE + HOUR_MS)).toEqual(nothing);
    lake.publish([at(1)]);
    await lake.pass(store);
    const { instant, committedAt } = await lake.hours.head();
    expect(await store.runsAt(NINE, committedAt! + DAY)).toEqual(nothing);
    expect(await store.runsAt(NINE, committedAt! + 41 * DAY)).toBeNull();
    expect((await store.runsAt(timeOf(instant!), committedAt! + DAY))!.runs).not.toEqual([]);
  });

  it("of a source that somebody else writes is in memory, and the same on every server from the start", async () => {
    const lake = new Lake();
    lake.publish(
      Array.from({ length: 50 }, (_, i) => at(i * 6)),
      NINE + 40 * HOUR_MS,
    );
    const [one, two] = [new HoursInMemory(), new HoursInMemory()];
    await lake.pass(one);
    lake.publish([at(2_500)]);
    await lake.pass(one);
    await lake.pass(two);
    expect(plain(await keptHours(two))).toEqual(plain(lake.truth()));
    const then = NINE + 41 * HOUR_MS;
    expect(two.table.usualAt(then).of("orders", NINE)).toEqual(one.table.usualAt(then).of("orders", NINE));
    expect(two.table.usualAt(then).of("orders", NINE)!.every!.median / MINUTE).toBeCloseTo(6, 0);
  });
});
