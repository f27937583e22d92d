/** A lake in a bucket is the same lake as on a disk: what is committed, what was known at each instant, pins, and what a crash leaves. */
import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { openLakePlace, type LakePlace } from "~/lake/storage/lake-place";
import { openLake, type FeedTables, type Lake } from "~/lake/open";
import type { Commit } from "~/lake/writer";
import { EVERYTHING } from "~/model/filter";
import type { Row } from "~/model/value";
import { eventRow, pipelineFeed } from "../support/pipeline-feed";
import { noBuckets, sparkAddress, sparkGoogleStorage } from "../support/spark";
import { stageFile } from "../support/staged-file";
import { makeBucket } from "../support/test-bucket";

const DAY_MS = 86_400_000;
const DAY = Date.UTC(2026, 10, 21, 12);

const row = (id: number, status: string, lastUpdatedAt: number, eventTimestamp = DAY): Row =>
  eventRow({ eventId: `e-${id}`, status, errorMessage: "no 'room' \u{1f4a5}", eventTimestamp, lastUpdatedAt });

/** What is staged for each commit; the state after it, by event. */
const HISTORY: { staged: Row[]; statuses: Record<string, string> }[] = [
  { staged: [row(1, "STARTED", DAY), row(2, "STARTED", DAY)], statuses: { "e-1": "STARTED", "e-2": "STARTED" } },
  // One moves to another partition, one is late.
  {
    staged: [row(1, "FAILED", DAY + 2, DAY + DAY_MS), row(2, "RETRYING", DAY - 5), row(3, "STARTED", DAY)],
    statuses: { "e-1": "FAILED", "e-2": "STARTED", "e-3": "STARTED" },
  },
  { staged: [row(2, "COMPLETED", DAY + 3)], statuses: { "e-1": "FAILED", "e-2": "COMPLETED", "e-3": "STARTED" } },
];

describe.skipIf(noBuckets)("a lake in a bucket", () => {
  const database = `bucket_${randomUUID().replaceAll("-", "")}`;
  let place: LakePlace;
  let lake: Lake;
  let tables: FeedTables;
  const commits: Commit[] = [];

  const open = async () => {
    lake = await openLake({
      engine: {
        kind: "spark",
        address: { ...sparkAddress(), database },
        url: place.url,
        log: pino({ level: "silent" }),
      },
      ...place,
      clock: systemClock,
      retainMs: 600_000,
    });
    tables = await lake.tables(pipelineFeed);
    return tables.writer.recover();
  };
  const statuses = async ({ to }: Commit) => {
    const answer = await tables.reader.snapshot({ at: to, filter: EVERYTHING, limit: 100 });
    if (answer.kind !== "rows") throw new Error(`No rows at ${to}: ${JSON.stringify(answer)}.`);
    const text = (values: Row, name: string) => String(values[pipelineFeed.fields.findIndex((it) => it.name === name)]);
    return Object.fromEntries(answer.rows.map((values) => [text(values, "eventId"), text(values, "status")]).sort());
  };

  beforeAll(async () => {
    const bucket = await makeBucket(sparkGoogleStorage());
    const { name, endpoint } = bucket;
    place = await openLakePlace({ kind: "google-bucket", bucket: name, folder: "weir/lake", endpoint }, "write");
    await open();
    for (const { staged } of HISTORY)
      commits.push((await tables.writer.commit([await stageFile(place, pipelineFeed, commits.length, staged)]))!);
  });
  afterAll(() => lake.close());

  it("shows at every instant what was known then", async () => {
    for (const [i, { statuses: expected }] of HISTORY.entries()) expect(await statuses(commits[i]!)).toEqual(expected);
    const { from } = commits[1]!;
    expect(await tables.reader.changes(from, commits[2]!.to)).toMatchObject({ kind: "delta" });
    expect(commits.map(({ versions, up }) => [versions, up.length])).toEqual([[2, 2], [3, 2], [1, 1]]); // prettier-ignore
  });

  it("undoes what was begun, and finishes a commit of the log that the state lacks, when it is opened again (invariants 1, 3)", async () => {
    const last = commits.at(-1)!;
    await lake.close();
    const table = `${place.folder}/${pipelineFeed.name}`;
    const timeline = `${table}/.hoodie`;
    const begun = `${last.instant.slice(0, 16)}${(Number(last.instant.at(-1)) + 1) % 10}`;
    const file = `event_date=2026-12-01/0-0_0-0-0_${begun}.parquet`; // of a partition that nobody knows but its marker
    const left = [`${begun}.commit.requested`, `${begun}.inflight`, `.temp/${begun}/${file}.marker.CREATE`];
    const leftOver = [`${table}/${file}`, ...left.map((name) => `${timeline}/${name}`)];
    for (const path of leftOver) await place.storage.write(path, new Uint8Array());
    const completed = (await place.storage.list(timeline))
      .map(({ name }) => name)
      .filter((it) => it.endsWith(".commit"));
    await place.storage.remove(`${timeline}/${completed.sort().at(-1)}`);
    expect(await open()).toMatchObject({ finished: [last.instant], rolledBack: expect.arrayContaining([begun]) });
    for (const path of leftOver) expect(await place.storage.stat(path)).toBeNull();
    expect(await statuses(last)).toEqual(HISTORY.at(-1)!.statuses);
  });

  it("keeps pins", async () => {
    const [first] = commits as [Commit];
    const { instant, to: position, committedAt } = first;
    await tables.pins.pin({ instant, position, committedAt }, "the beginning", Date.now(), 1_000);
    expect(tables.pins.pins()).toMatchObject([{ instant, rows: 2, note: "the beginning" }]);
    await lake.close();
    await open();
    expect(tables.pins.pins()).toMatchObject([{ instant, rows: 2 }]);
    await tables.pins.unpin(instant);
    expect(await place.storage.list(`${place.folder}/${pipelineFeed.name}_pins`)).toEqual([]);
  });
});
