/** What an engine promises that tells of a window without its rows: pipelines follow from it as from all of their events. */
import { describe, expect, it } from "vitest";
import { hasOutlines } from "~/live/past";
import { pipelinesOfRuns } from "~/live/past-pipelines";
import { attemptFields } from "~/model/attempt";
import { compareRows } from "~/model/feed";
import { RECENT } from "~/model/pipeline";
import { NOTHING_USUAL } from "~/model/usual/usual";
import { compareText, type Row } from "~/model/value";
import { AttemptFold } from "~/model/view-fold";
import { eventRow, NINE, pipelineFeed } from "../support/pipeline-feed";
import { seededRandom } from "../support/random";
import { close, commitClock, NO_LIMIT, type OpenLake } from "./contract-lake";
import { HOUR } from "./generated-history";

/** @param open makes an empty lake */
export function outlineContract(name: string, open: OpenLake): void {
  describe(`${name}, asked for an outline`, () => {
    it("outlines more runs than are listed so that the same pipelines follow as from all of their events", async () => {
      const lake = await open({ clock: commitClock(), retainMs: 365 * 24 * HOUR });
      try {
        const { reader, writer } = await lake.lake.tables(pipelineFeed);
        if (!hasOutlines(reader)) return;
        await writer.recover();
        const rows = manyRuns(11);
        await writer.commit([{ name: "runs", path: "", rows: () => Promise.resolve(rows) }]);
        const { position } = await reader.head();
        const sorted = rows.toSorted((a, b) => compareRows(pipelineFeed, a, b));
        for (const within of [NO_LIMIT, 2_000, 500, 40, 1]) {
          const outline = await reader.outline({ at: position, within, newest: 1, since: 0, runs: RECENT });
          if (outline.kind === "gone") throw new Error("gone");
          const { runs } = outline;
          const found = byName(pipelinesOfRuns(attemptFields(pipelineFeed)!, runs!, NOTHING_USUAL));
          expect(found, `within ${within}`).toEqual(pipelinesOf(sorted.slice(0, within)));
          if (within === NO_LIMIT) {
            expect(runs!.others.length).toBeGreaterThan(2);
            expect(runs!.undecided.length).toBeGreaterThan(0);
            expect(runs!.undecided.length).toBeLessThan(rows.length / 2);
          }
        }
      } finally {
        await close(lake);
      }
    });
  });
}

export const byName = (pipelines: readonly Row[]): Row[] =>
  pipelines.toSorted((a, b) => compareText(a[0] as string, b[0] as string));

export const pipelinesOf = (rows: readonly Row[]): Row[] =>
  byName(new AttemptFold(attemptFields(pipelineFeed)!, rows).rows("pipelines"));

/**
 * Runs of several stages and attempts, one event per change of status, newer and older ones finished in no order: what is told of
 * pipelines follows from all of it. A few events share their time; one pipeline never completes anything.
 */
function manyRuns(seed: number): Row[] {
  const random = seededRandom(seed);
  const rows: Row[] = [];
  for (let batch = 0; batch < 220; batch++) {
    const pipelineName = random.pick(["orders", "users", "Zahlungen 💶", "clicks"]);
    const isStream = pipelineName === "clicks";
    const startedAt = NINE - random.int(0, 40) * 60_000 - (random.chance(0.1) ? 20 * HOUR : 0);
    for (const stageName of ["extract", "load", random.pick(["check", "check", "check", "Prüfung 💶"])]) {
      for (let attempt = 1, isOver = false; !isOver && attempt <= 3; attempt++) {
        const last = isStream ? "RUNNING" : random.pick(["COMPLETED", "COMPLETED", "FAILED", "RETRYING", "RUNNING"]);
        isOver = last !== "FAILED";
        let updatedAt = startedAt + random.int(0, 5) * 1_000;
        for (const status of ["STARTED", ...(random.chance(0.5) ? ["RUNNING"] : []), last]) {
          const hasCounts = random.chance(0.7);
          rows.push(
            eventRow({
              eventId: `e-${rows.length}`,
              correlationId: `batch-${batch}`,
              pipelineName,
              stageName,
              attempt: attempt === 1 && random.chance(0.3) ? null : attempt,
              status,
              eventTimestamp: random.chance(0.8) ? updatedAt : updatedAt - random.int(0, 60_000),
              lastUpdatedAt: updatedAt,
              durationMs: random.pick([null, 0, -5, 1_500, 90_000, "9007199254740993"]),
              sourceRecordCount: hasCounts ? random.pick([0, 10, 20, "9007199254740993"]) : null,
              processedRecordCount: hasCounts ? random.pick([0, 10, 20]) : null,
            }),
          );
          updatedAt += random.chance(0.02) ? 0 : random.int(1, isStream ? 9 * HOUR : 30_000);
        }
      }
    }
  }
  return rows;
}
