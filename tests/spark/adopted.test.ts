import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdoptedReader } from "~/lake/adopted/reader";
import { openEngine, type Engine } from "~/lake/duckdb/connection";
import { EmbeddedAdoptedSource } from "~/lake/duckdb/adopted/source";
import { TableWatch } from "~/lake/duckdb/adopted/table-look";
import { localStorage } from "~/lake/storage/local";
import { SparkAdoptedSource } from "~/lake/spark/adopted/adopted-source";
import { identifier, sql } from "~/lake/spark/sql/sql";
import type { Changes, Head } from "~/lake/reader";
import { EVERYTHING } from "~/model/filter";
import { parsePosition, type Position } from "~/model/position";
import type { Row } from "~/model/value";
import { ForeignJob, type JobEvent } from "../support/foreign-job";
import { NINE, pipelineFeed } from "../support/pipeline-feed";
import { noSpark, sharedSession } from "../support/spark";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

const DAY_MS = 86_400_000;
const RETAINED = 3;
/** So many that the cleaner and the archiver of the job have both been at work. */
const COMMITS = 6;

type Name = "Spark" | "the embedded engine";
const ENGINES: readonly Name[] = ["Spark", "the embedded engine"];

interface Step {
  /** What the table held. */
  rows: Row[];
  /** What each engine told of it, and of the way from the step before. */
  told: Record<Name, { head: Head; changes: Changes }>;
}

const event = (eventId: string, at: number, status: string, updated = at): JobEvent => ({
  eventId,
  pipelineName: "orders",
  status,
  eventTimestamp: at,
  lastUpdatedAt: updated,
});

/** Two new events on two days, and newer and older versions of the first ones. */
const commitOf = (i: number): JobEvent[] => [
  event(`e-${i}`, NINE + i * 1_000, "RUNNING"),
  event(`old-${i}`, NINE - DAY_MS + i * 1_000, "COMPLETED"),
  event("e-0", NINE, i % 2 === 0 ? "FAILED" : "RETRYING", NINE + i * 60_000),
  ...(i > 3 ? [event("e-2", NINE + 2_000, "STARTED", NINE)] : []),
];

const byKey = (rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [row[0] as string, row]));

/** Versions 8 and 9 are read by the same code: what takes long is tested on the newer of them. */
const WHOLE: readonly number[] = [6, 9];
type Test = (name: string, run: () => Promise<void>) => void;

describe.skipIf(noSpark).each([6, 8, 9] as const)(
  "a table of version %d that somebody else's job writes",
  (version) => {
    const itIfWhole: Test = (name, run) => WHOLE.includes(version) && it(name, run);
    const session = sharedSession();
    const database = `adopted_${version}_${randomUUID().slice(0, 8)}`;
    const clock = { ms: Date.now(), now: () => clock.ms };
    const steps: Step[] = [];
    let folder: string;
    let job: ForeignJob;
    let duckdb: Engine;
    let readers: Record<Name, AdoptedReader>;
    let before: Record<Name, { head: Head; isAbsent: boolean }>;

    const onEach = async <T>(ask: (reader: AdoptedReader, name: Name) => Promise<T>): Promise<Record<Name, T>> => {
      const found: Partial<Record<Name, T>> = {};
      for (const name of ENGINES) found[name] = await ask(readers[name], name);
      return found as Record<Name, T>;
    };
    const next = (): Promise<Record<Name, Head>> => {
      clock.ms += 1_500;
      return onEach((reader) => reader.head());
    };
    const rowsAt = async (reader: AdoptedReader, at: Position): Promise<Row[] | "gone"> => {
      const answer = await reader.snapshot({ at, filter: EVERYTHING, limit: 10_000 });
      return answer.kind === "gone" ? "gone" : answer.rows;
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "weir-adopted-"));
      duckdb = await openEngine();
      job = new ForeignJob({ session: session(), database, folder, version, retained: RETAINED });
      const feed = pipelineFeed;
      const onSpark = { feed, spark: session(), database, location: job.location };
      const watch = new TableWatch(localStorage(folder), "pipeline_events", clock);
      const inFolder = { feed, engine: duckdb, watch };
      readers = {
        Spark: new AdoptedReader({ feed, source: new SparkAdoptedSource(onSpark, clock), clock }),
        "the embedded engine": new AdoptedReader({ feed, source: new EmbeddedAdoptedSource(inFolder), clock }),
      };
      before = await onEach(async (reader) => ({ head: await reader.head(), isAbsent: reader.isAbsent }));
      await job.create();
      let from = await next();
      for (let i = 0; i < COMMITS; i++) {
        await job.upsert(commitOf(i));
        const heads = await next();
        const told = await onEach(async (reader, name) => ({
          head: heads[name],
          changes: await reader.changes(from[name].position, heads[name].position),
        }));
        steps.push({ rows: job.rows(), told });
        from = heads;
      }
    }, 600_000);

    afterAll(async () => {
      await duckdb.close();
      await session().execute(sql`DROP DATABASE IF EXISTS ${identifier(database)} CASCADE`);
      await removeFolder(folder);
    });

    describe.each(ENGINES)("as %s follows it", (name) => {
      const the = () => readers[name];
      const told = () => steps.map(({ rows, told: all }) => ({ rows, ...all[name] }));

      it("is absent until it comes, and then it is there", () => {
        expect(before[name]).toMatchObject({ isAbsent: true, head: { instant: null } });
        expect(the().isAbsent).toBe(false);
        expect(parsePosition(told()[0]!.head.position)!.epoch).not.toBe(
          parsePosition(before[name].head.position)!.epoch,
        );
      });

      it("is shown whole: times of plain milliseconds, nothing where it has no column, nothing of what is not ours", async () => {
        const { head, rows } = told().at(-1)!;
        expect(await rowsAt(the(), head.position)).toEqual(rows);
        expect(rows).toHaveLength(2 * COMMITS);
      });

      it("is followed commit by commit, with the rows that each changed (invariant 4)", () => {
        let held: Map<string, Row> = new Map();
        for (const { rows, changes } of told()) {
          if (changes.kind !== "delta") throw new Error(`not a delta but ${JSON.stringify(changes)}`);
          const now = byKey(rows);
          const changed = rows.filter((row) => JSON.stringify(row) !== JSON.stringify(held.get(row[0] as string)));
          // A version that lost may be told again: its row was written, and is what it was.
          for (const row of changed) expect(changes.up).toContainEqual(row);
          for (const row of changes.up) expect(row).toEqual(now.get(row[0] as string));
          expect(changes.del).toEqual([]);
          held = now;
        }
      });

      it("gives back every instant as it was for as long as the table keeps it, and then says since when (invariant 5)", async () => {
        await next();
        const reach = (await the().reach())!;
        const kept = told().filter(({ head }) => head.instant! >= reach);
        expect(kept.length).toBeGreaterThanOrEqual(RETAINED);
        expect(kept.length).toBeLessThan(COMMITS);
        for (const { head, rows } of kept) {
          expect(await the().resolve({ instant: head.instant! })).toEqual({ kind: "head", ...head });
          expect(await rowsAt(the(), head.position)).toEqual(rows);
        }
        const oldest = { oldest: kept[0]!.head.position, oldestInstant: reach };
        const lost = told().find(({ head }) => head.instant! < reach)!;
        expect(await rowsAt(the(), lost.head.position)).toBe("gone");
        expect(await the().resolve({ instant: lost.head.instant! })).toEqual({ kind: "gone", ...oldest });
        expect(await the().resolve({ position: lost.head.position })).toEqual({ kind: "gone", ...oldest });
      });

      it("tells what changed over several commits, and never a part of it for all (invariant 5)", async () => {
        const kept = told().slice(-RETAINED);
        const [first, last] = [kept[0]!, kept.at(-1)!];
        const changes = await the().changes(first.head.position, last.head.position);
        if (changes.kind !== "delta") throw new Error(`not a delta but ${changes.kind}`);
        const held = byKey(first.rows);
        for (const row of changes.up) held.set(row[0] as string, row);
        expect(held).toEqual(byKey(last.rows));
        expect(await the().changes(told()[0]!.head.position)).toMatchObject({ kind: "gone" });
        const { epoch } = parsePosition(last.head.position)!;
        const whole = await the().changes(`${epoch}.0`, last.head.position);
        expect(whole).toMatchObject({ kind: "delta", del: [], up: last.rows });
        expect(await the().changes(first.head.position, last.head.position, 1)).toEqual({ kind: "too-many" });
        expect(await the().changes(last.head.position, first.head.position)).toMatchObject({ kind: "reset" });
      });

      itIfWhole("answers filters, counts, statistics and the story of a key", async () => {
        const { head, rows } = told().at(-1)!;
        const today = { ...EVERYTHING, from: NINE };
        const recent = await the().snapshot({ at: head.position, filter: today, limit: 100 });
        expect(recent).toMatchObject({ kind: "rows", rows: rows.slice(0, COMMITS) });
        const count = await the().count({ at: head.position, filter: { ...EVERYTHING, text: "OLD-" }, within: 1_000 });
        expect(count).toMatchObject({ kind: "count", count: COMMITS });
        expect(await the().statistics()).toMatchObject({ rows: rows.length, newestEventAt: rows[0]![5] });
        const versions = await the().history("e-0");
        expect(versions.map(({ row }) => row[4])).toEqual(
          told()
            .slice(-versions.length)
            .map(({ rows: then }) => byKey(then).get("e-0")![4]),
        );
        expect(versions.length).toBeGreaterThanOrEqual(RETAINED);
      });

      it("has a timeline whose kept commits are positions", async () => {
        const { entries } = await the().timeline({ limit: 100 });
        const positions = entries.flatMap(({ position }) => position ?? []);
        expect(positions[0]).toBe(told().at(-1)!.head.position);
        expect(entries.find(({ position }) => position === positions[0])).toMatchObject({
          action: "commit",
          inserted: 2,
        });
        expect(entries.some(({ action }) => action === "clean")).toBe(true);
      });
    });

    it("shows the present while a commit that began earlier is pending, and the past before that", async () => {
      const calm = await next();
      const earlier = String(BigInt(calm.Spark.instant!) - 1n);
      const timeline = join(folder, "pipeline_events", ".hoodie", version === 6 ? "" : "timeline");
      await writeFile(join(timeline, `${earlier}.commit.requested`), "");
      clock.ms += 11_000; // nothing of what is completed has changed: it is seen when everything is looked at again
      const open = await next();
      const previous = steps.at(-2)!;
      await onEach(async (reader, name) => {
        const head = open[name].position;
        const answer = await reader.snapshot({ at: head, filter: EVERYTHING, limit: 999 });
        expect(answer, name).toMatchObject({ kind: "rows", rows: job.rows() });
        expect(head === calm[name].position, name).toBe(version > 6);
        expect(await rowsAt(reader, previous.told[name].head.position), name).toEqual(previous.rows);
      });
      await rm(join(timeline, `${earlier}.commit.requested`));
      clock.ms += 11_000;
      expect(await next()).toEqual(calm);
    });

    itIfWhole("tells which keys its job deleted", async () => {
      const from = await next();
      await job.delete("old-2");
      const to = await next();
      await onEach(async (reader, name) => {
        const changes = await reader.changes(from[name].position, to[name].position);
        expect(changes, name).toMatchObject({ kind: "delta", up: [], del: ["old-2"] });
        expect(await rowsAt(reader, to[name].position), name).toEqual(job.rows());
      });
    });

    itIfWhole("shows a key once that the job has put into two partitions, and everybody starts again", async () => {
      const from = await next();
      await job.upsert([event("e-1", NINE - DAY_MS, "FAILED", NINE + DAY_MS)]);
      clock.ms += 700_000;
      const isOther = ({ position }: Head, name: Name) =>
        parsePosition(position)!.epoch !== parsePosition(from[name].position)!.epoch;
      const to = await onEach((reader, name) =>
        until(
          "another epoch",
          async () => {
            clock.ms += 1_500;
            const head = await reader.head();
            return isOther(head, name) && head;
          },
          60_000,
        ),
      );
      await onEach(async (reader, name) => {
        const changes = await reader.changes(from[name].position, to[name].position);
        expect(changes, name).toEqual({ kind: "reset", reason: "epoch" });
        expect(await rowsAt(reader, to[name].position), name).toEqual(job.rows());
      });
      await job.upsert([event("e-1", NINE + 1_000, "RUNNING", NINE + 2_000), event("new", NINE, "RUNNING")]);
      const then = await next();
      await onEach(async (reader, name) => {
        const changes = await reader.changes(to[name].position, then[name].position);
        if (changes.kind !== "delta") throw new Error(`not a delta but ${changes.kind}`);
        // The older row of the key changed, which is not the one that counts.
        expect(
          changes.up.map(([key]) => key),
          name,
        ).toEqual(["new"]);
        expect(await rowsAt(reader, then[name].position), name).toEqual(job.rows());
      });
    });
  },
);
