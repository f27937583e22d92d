/** What every engine promises of feeds whose rows leave for their age, whichever of its tables remembers what. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FeedReader } from "~/lake/reader";
import type { Commit } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { EVERYTHING, matcher } from "~/model/filter";
import { timeOf, type Instant } from "~/model/instant";
import { positionOf, type Position } from "~/model/position";
import { isFull, SEED } from "../support/depth";
import { pipelineFeed } from "../support/pipeline-feed";
import { seededRandom } from "../support/random";
import { expectSame } from "../support/same";
import { all, close, commitClock, land, NO_LIMIT, type EngineTells, type OpenLake } from "./contract-lake";
import { generatedHistory, HOUR } from "./generated-history";
import { ModelLake } from "./model-lake";

const KINDS = [
  { kind: "a log that remembers longer", retainMs: 0, historyMs: 365 * 24 * HOUR, append: false },
  { kind: "slices that are kept", retainMs: 365 * 24 * HOUR, historyMs: 365 * 24 * HOUR, append: false },
  { kind: "a log that forgets earlier", retainMs: 0, historyMs: 24 * HOUR, append: false },
  { kind: "no log", retainMs: 12 * HOUR, historyMs: null, append: false },
  { kind: "one table for all versions", retainMs: 12 * HOUR, historyMs: null, append: true },
];

/**
 * @param open makes an empty lake
 * @param tells of the engine under test
 */
export function retentionContract(name: string, open: OpenLake, { isSlow = false }: EngineTells = {}): void {
  describe.each(KINDS)(
    `${name}, when rows leave for their age, with $kind`,
    ({ kind, retainMs, historyMs, append }) => {
      const clock = commitClock();
      const retentionMs = 48 * HOUR;
      const feed: Feed = {
        ...pipelineFeed,
        name: "short_retention",
        retentionMs,
        historyMs,
        writeMode: append ? "append" : "upsert",
      };
      const model = new ModelLake(feed);
      const told: Commit[] = [];
      let lake: Awaited<ReturnType<OpenLake>>;
      let reader: FeedReader;
      let at: (instant: Instant) => Position;
      const isWhole = historyMs === 365 * 24 * HOUR;

      beforeAll(async () => {
        lake = await open({ clock, retainMs });
        const { reader: found, writer } = await lake.lake.tables(feed);
        reader = found;
        at = (instant) => positionOf(reader.epoch, instant);
        await writer.recover();
        const history = generatedHistory(29, { commits: 32, perCommit: 10, gapMs: 4 * HOUR });
        await land(writer, model, clock, history, true, {
          // Whether a repetition is new again depends on what is kept of the first, which is not the point here.
          withoutRepetitions: true,
          onMaintained(commits) {
            for (const commit of commits) {
              const day = 24 * HOUR;
              model.drop(commit.instant, Math.floor((clock.now() - retentionMs - 1) / day) * day);
            }
            told.push(...commits);
          },
        });
      });
      afterAll(() => close(lake));

      it("announces each as a commit of its own, with the keys that left", () => {
        expect(told.length).toBeGreaterThan(3);
        for (const commit of told) {
          const before = model.instants[model.instants.indexOf(commit.instant) - 1]!;
          expect(commit).toMatchObject({ from: at(before), to: at(commit.instant), up: [], versions: 0 });
          expect(commit.del).toEqual(model.left(before, commit.instant));
          expect(commit.partitions.length).toBeGreaterThan(0);
        }
        expect(told.some(({ del }) => del.length > 0)).toBe(true);
      });

      it("gives at every instant what it gave then, or says that it is gone (invariants 2, 5)", async () => {
        let answered = 0;
        const reach = (await reader.reach())!;
        for (const [n, instant] of model.instants.entries()) {
          if (isSlow && !isFull && (n + SEED) % 4 !== 0 && n < model.instants.length - 1) continue;
          if (instant < reach) {
            expect(await reader.resolve({ instant }), instant).toMatchObject({ kind: "gone", oldestInstant: reach });
            continue;
          }
          expect(await reader.resolve({ instant }), instant).toMatchObject({ kind: "head", instant });
          // Where nothing is gone, a part of it at every other one; counted is one of them: in the next run perhaps the others.
          const turn = SEED + n;
          const part = { ...EVERYTHING, from: timeOf(instant) - 20 * HOUR };
          const filters = isWhole && turn % 2 === 0 && !isFull ? [EVERYTHING] : [EVERYTHING, part];
          for (const [i, filter] of filters.entries()) {
            const answer = await reader.snapshot({ ...all(at(instant)), filter });
            if (isWhole || historyMs === null) expect(answer.kind, instant).toBe("rows");
            if (answer.kind === "gone") continue;
            expectSame(answer.rows, model.rowsAt(instant, filter), instant);
            answered++;
            if ((turn + i) % filters.length !== 0 && !isFull) continue;
            const counted = await reader.count({ at: at(instant), filter, within: 50 });
            if (counted.kind === "gone" && !isWhole) continue;
            expect(counted).toMatchObject({
              count: model.rowsAt(instant, EVERYTHING).slice(0, 50).filter(matcher(feed, filter)).length,
            });
          }
        }
        expect(answered, kind).toBeGreaterThan(isSlow ? 0 : 5);
      });

      it("gives for any range what changed and the keys that left, or says that it is gone (invariant 4)", async () => {
        const random = seededRandom(13);
        const reach = (await reader.reach())!;
        const kept = model.instants.filter((instant) => instant >= reach);
        let lossesTold = 0;
        for (let i = 0; i < (isSlow ? 12 : 40); i++) {
          const [a, b] = [random.pick(kept), random.pick(kept)].sort() as [Instant, Instant];
          const changes = await reader.changes(at(a), at(b));
          if (isWhole) expect(changes.kind).toBe("delta");
          if (changes.kind !== "delta") continue;
          expect(changes, `${a}..${b}`).toMatchObject({ up: model.changes(a, b), del: model.left(a, b) });
          if (changes.del.length > 0) lossesTold++;
        }
        if (isWhole) expect(lossesTold).toBeGreaterThan(isSlow ? 1 : 5);
        const { from, to, del } = told.at(-1)!;
        if (isWhole) expect(await reader.changes(from, to)).toMatchObject({ up: [], del });
      });

      it("lists each as an action of the timeline and as an instant", async () => {
        const reach = (await reader.reach())!;
        const kept = model.instants.filter((instant) => instant >= reach);
        expect(await reader.instants({ after: null, until: kept.at(-1)!, limit: NO_LIMIT })).toEqual(kept);
        const { entries } = await reader.timeline({ limit: NO_LIMIT });
        const [newest] = entries.filter(({ action }) => action === "replacecommit");
        const { instant, partitions, del } = told.at(-1)!;
        expect(newest).toMatchObject({ instant, position: at(instant), state: "COMPLETED", partitions });
        expect(newest).toMatchObject({ inserted: 0, deleted: del.length, filesWritten: 0 });
      });

      it("counts what is left", async () => {
        const rows = model.rowsAt(model.instants.at(-1)!, EVERYTHING);
        expect(await reader.statistics()).toMatchObject({ rows: rows.length });
      });
    },
  );
}
