/** Makes a feed's tables so old that neither the slices of the state nor the log know of what they held before. */
import type { FeedWriter } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { rowOf, stagedFile, type steppedClock } from "./lake";

const DAY_MS = 86_400_000;
/** More than the archival of a timeline leaves: timelines keep some commits however old they are, so new ones push them out. */
const COMMITS = 65;

/** @param writer of the embedded engine, by this clock */
export async function outlive(
  writer: FeedWriter,
  feed: Feed,
  clock: ReturnType<typeof steppedClock>,
  retainMs: number,
): Promise<void> {
  clock.advance(feed.historyMs! + 2 * DAY_MS);
  for (let i = 0; i < COMMITS; i++) {
    const now = clock.now();
    const later = { eventId: "later", correlationId: "batch-1", pipelineName: "orders", stageName: "load" };
    const row = rowOf(feed, { ...later, status: "RUNNING", eventTimestamp: now, lastUpdatedAt: now });
    await writer.commit([stagedFile(`later-${i}`, [row])]);
    clock.advance(retainMs);
  }
  await writer.maintain();
}
