import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdoptedReader } from "~/lake/adopted/reader";
import { SparkAdoptedSource } from "~/lake/spark/adopted/adopted-source";
import { identifier, sql } from "~/lake/spark/sql/sql";
import type { Changes, Head } from "~/lake/reader";
import { EVERYTHING } from "~/model/filter";
import { parsePosition, type Position } from "~/model/position";
import type { Row } from "~/model/value";
import { ForeignJob, type JobEvent } from "../support/foreign-job";
import { NINE, pipelineFeed } from "../support/pipeline-feed";
import { noSpark, sharedSession } from "../support/spark";

const DAY_MS = 86_400_000;
const RETAINED = 3;
const COMMITS = 7;

interface Step {
  head: Head;
  /** What the table held. */
  rows: Row[];
  /** From the step before. */
  changes: Changes;
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

describe.skipIf(noSpark).each([6, 8, 9] as const)(
  "a table of version %d that somebody else's job writes",
  (version) => {
    const session = sharedSession();
    const database = `adopted_${version}_${randomUUID().slice(0, 8)}`;
    const clock = { ms: Date.now(), now: () => clock.ms };
    const steps: Step[] = [];
    let folder: string;
    let job: ForeignJob;
    let reader: AdoptedReader;
    let before: { head: Head; isAbsent: boolean };

    const next = async (): Promise<Head> => {
      clock.ms += 1_500;
      return reader.head();
    };
    const rowsAt = async (at: Position): Promise<Row[] | "gone"> => {
      const answer = await reader.snapshot({ at, filter: EVERYTHING, limit: 10_000 });
      return answer.kind === "gone" ? "gone" : answer.rows;
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "weir-adopted-"));
      job = new ForeignJob({ session: session(), database, folder, version, retained: RETAINED });
      const table = { feed: pipelineFeed, spark: session(), database, location: job.location };
      reader = new AdoptedReader({ feed: pipelineFeed, source: new SparkAdoptedSource(table, clock), clock });
      before = { head: await reader.head(), isAbsent: reader.isAbsent };
      await job.create();
      let from = await next();
      for (let i = 0; i < COMMITS; i++) {
        await job.upsert(commitOf(i));
        const head = await next();
        steps.push({ head, rows: job.rows(), changes: await reader.changes(from.position, head.position) });
        from = head;
      }
    }, 600_000);

    afterAll(async () => {
      await session().execute(sql`DROP DATABASE IF EXISTS ${identifier(database)} CASCADE`);
      await rm(folder, { recursive: true, force: true });
    });

    it("is absent until it comes, and then it is there", () => {
      expect(before).toMatchObject({ isAbsent: true, head: { instant: null } });
      expect(reader.isAbsent).toBe(false);
      expect(parsePosition(steps[0]!.head.position)!.epoch).not.toBe(parsePosition(before.head.position)!.epoch);
    });

    it("is shown whole: times of plain milliseconds, nothing where it has no column, nothing of what is not ours", async () => {
      const { head, rows } = steps.at(-1)!;
      expect(await rowsAt(head.position)).toEqual(rows);
      expect(rows).toHaveLength(2 * COMMITS);
    });

    it("is followed commit by commit, with the rows that each changed (invariant 4)", () => {
      let held: Map<string, Row> = new Map();
      for (const { rows, changes } of steps) {
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
      const reach = (await reader.reach())!;
      const kept = steps.filter(({ head }) => head.instant! >= reach);
      expect(kept.length).toBeGreaterThanOrEqual(RETAINED);
      expect(kept.length).toBeLessThan(COMMITS);
      for (const { head, rows } of kept) {
        expect(await reader.resolve({ instant: head.instant! })).toEqual({ kind: "head", ...head });
        expect(await rowsAt(head.position)).toEqual(rows);
      }
      const oldest = { oldest: kept[0]!.head.position, oldestInstant: reach };
      const lost = steps.find(({ head }) => head.instant! < reach)!;
      expect(await rowsAt(lost.head.position)).toBe("gone");
      expect(await reader.resolve({ instant: lost.head.instant! })).toEqual({ kind: "gone", ...oldest });
      expect(await reader.resolve({ position: lost.head.position })).toEqual({ kind: "gone", ...oldest });
    });

    it("tells what changed over several commits, and never a part of it for all (invariant 5)", async () => {
      const kept = steps.slice(-RETAINED);
      const [first, last] = [kept[0]!, kept.at(-1)!];
      const changes = await reader.changes(first.head.position, last.head.position);
      if (changes.kind !== "delta") throw new Error(`not a delta but ${changes.kind}`);
      const held = byKey(first.rows);
      for (const row of changes.up) held.set(row[0] as string, row);
      expect(held).toEqual(byKey(last.rows));
      expect(await reader.changes(steps[0]!.head.position)).toMatchObject({ kind: "gone" });
      const { epoch } = parsePosition(last.head.position)!;
      const whole = await reader.changes(`${epoch}.0`, last.head.position);
      expect(whole).toMatchObject({ kind: "delta", del: [], up: last.rows });
      expect(await reader.changes(first.head.position, last.head.position, 1)).toEqual({ kind: "too-many" });
      expect(await reader.changes(last.head.position, first.head.position)).toMatchObject({ kind: "reset" });
    });

    it("answers filters, counts, statistics and the story of a key", async () => {
      const { head, rows } = steps.at(-1)!;
      const today = { ...EVERYTHING, from: NINE };
      const recent = await reader.snapshot({ at: head.position, filter: today, limit: 100 });
      expect(recent).toMatchObject({ kind: "rows", rows: rows.slice(0, COMMITS) });
      const count = await reader.count({ at: head.position, filter: { ...EVERYTHING, text: "OLD-" }, within: 1_000 });
      expect(count).toMatchObject({ kind: "count", count: COMMITS });
      expect(await reader.statistics()).toMatchObject({ rows: rows.length, newestEventAt: rows[0]![5] });
      const versions = await reader.history("e-0");
      expect(versions.map(({ row }) => row[4])).toEqual(
        steps.slice(-versions.length).map(({ rows: then }) => byKey(then).get("e-0")![4]),
      );
      expect(versions.length).toBeGreaterThanOrEqual(RETAINED);
    });

    it("has a timeline whose kept commits are positions", async () => {
      const { entries } = await reader.timeline({ limit: 100 });
      const positions = entries.flatMap(({ position }) => position ?? []);
      expect(positions[0]).toBe(steps.at(-1)!.head.position);
      expect(entries.find(({ position }) => position === positions[0])).toMatchObject({
        action: "commit",
        inserted: 2,
      });
      expect(entries.some(({ action }) => action === "clean")).toBe(true);
    });

    it("tells which keys its job deleted", async () => {
      const from = await next();
      await job.delete("old-2");
      const to = await next();
      expect(await reader.changes(from.position, to.position)).toMatchObject({ kind: "delta", up: [], del: ["old-2"] });
      expect(await rowsAt(to.position)).toEqual(job.rows());
    });

    it("shows a key once that the job has put into two partitions, and everybody starts again", async () => {
      const from = await next();
      await job.upsert([event("e-1", NINE - DAY_MS, "FAILED", NINE + DAY_MS)]);
      clock.ms += 700_000;
      const to = await reader.head();
      expect(await reader.changes(from.position, to.position)).toEqual({ kind: "reset", reason: "epoch" });
      expect(await rowsAt(to.position)).toEqual(job.rows());
      await job.upsert([event("e-1", NINE + 1_000, "RUNNING", NINE + 2_000), event("new", NINE, "RUNNING")]);
      const then = await next();
      const changes = await reader.changes(to.position, then.position);
      if (changes.kind !== "delta") throw new Error(`not a delta but ${changes.kind}`);
      // The older row of the key changed, which is not the one that counts.
      expect(changes.up.map(([key]) => key)).toEqual(["new"]);
      expect(await rowsAt(then.position)).toEqual(job.rows());
    });
  },
);
