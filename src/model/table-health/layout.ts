/** How the rows lie in files: how small, how uneven, and what it costs to change them. */
import { bytesText, countOf, countText, factorText, percentText } from "./amounts";
import { ascending, atMost, notKnown, percentile, told, type Check } from "./check";
import type { DuplicateFacts, FeedFacts, TableFacts } from "./facts";

/** Hudi's own bound of a small file (`hoodie.parquet.small.file.limit`). */
export const SMALL_FILE_BYTES = 104_857_600;
export const SMALL_FILES_LIMIT = 1_000;
const SMALL_FILES_BAD = 10_000;
const LARGE_FILE_BYTES = 2 ** 30;
const SKEW_LIMIT = 10;
const SKEW_BAD = 100;
/** Few partitions say nothing of skew. */
const SKEW_PARTITIONS = 4;
const AMPLIFICATION_LIMIT = 500;
const AMPLIFICATION_BAD = 5_000;
const PARTITIONS_LIMIT = 24;
const PARTITIONS_BAD = 240;

export const smallFilesOf = (sizes: readonly number[]): number =>
  sizes.filter((bytes) => bytes < SMALL_FILE_BYTES).length;

export function smallFiles(table: TableFacts): Check {
  const about = {
    id: "small-files",
    table: table.role,
    title: "Small files",
    limit: `${countText(SMALL_FILES_LIMIT)} files below ${bytesText(SMALL_FILE_BYTES)}`,
    why: "A reader opens each file that it needs; thousands of small ones cost more than their rows.",
    cure: table.isOurs
      ? "Files of the newest partitions are kept small on purpose, so that commits stay short. Let old partitions go (retention in the schema), or let Spark cluster those that change no more (CALL run_clustering with a filter on the partition)."
      : "Let its writer cluster (hoodie.clustering.inline), or raise hoodie.parquet.small.file.limit.",
  };
  if (table.files.unknown !== undefined) return notKnown(about, table.files.unknown);
  const { sizes } = table.files.value;
  const small = smallFilesOf(sizes);
  const share = sizes.length === 0 ? "" : `, ${percentText(small / sizes.length)} of ${countOf(sizes.length, "file")}`;
  const state = atMost(small, SMALL_FILES_LIMIT, SMALL_FILES_BAD);
  return told(about, { state, number: small, unit: "count", value: `${countText(small)}${share}` });
}

export function fileSizes(table: TableFacts): Check {
  const about = {
    id: "file-size",
    table: table.role,
    title: "File size",
    limit: `p90 of at most ${bytesText(LARGE_FILE_BYTES)}`,
    why: "Changing one row rewrites its file, so large files make commits slow; small ones make reads slow (above).",
    cure: "Lower hoodie.parquet.max.file.size of whoever writes or clusters the table.",
  };
  if (table.files.unknown !== undefined) return notKnown(about, table.files.unknown);
  const { sizes } = table.files.value;
  const [p10, p50, p90] = [0.1, 0.5, 0.9].map((share) => percentile(sizes, share));
  if (p90 === null || p90 === undefined)
    return told(about, { state: "note", number: null, unit: "bytes", value: "no file yet" });
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const value = `p10 ${bytesText(p10!)} · p50 ${bytesText(p50!)} · p90 ${bytesText(p90)} · ${bytesText(total)} in all`;
  return told(about, {
    state: atMost(p90, LARGE_FILE_BYTES, 4 * LARGE_FILE_BYTES),
    number: p50!,
    unit: "bytes",
    value,
  });
}

export function skew(table: TableFacts): Check {
  const about = {
    id: "skew",
    table: table.role,
    title: "Skew",
    limit: `the largest partition ${factorText(SKEW_LIMIT)} the median one`,
    why: "Work is shared out by partitions and file groups: the largest one decides how long all of it takes.",
    cure: "Partition by hours instead of days where days are uneven, or look for a publisher that sends far more than others.",
  };
  if (table.files.unknown !== undefined) return notKnown(about, table.files.unknown);
  const { partitions, sizes } = table.files.value;
  if (partitions.length === 0)
    return told(about, { state: "note", number: null, unit: "factor", value: "no file yet" });
  const largest = partitions.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const median = percentile(ascending(partitions.map(({ bytes }) => bytes)), 0.5)!;
  const factor = median === 0 ? 1 : largest.bytes / median;
  const middle = percentile(sizes, 0.5)!;
  const groups = middle === 0 ? 1 : sizes.at(-1)! / middle;
  const value = `largest partition ${factorText(factor)} the median (${largest.partition === "" ? "the only one" : largest.partition}, ${bytesText(largest.bytes)}) · largest file group ${factorText(groups)}`;
  const state = partitions.length < SKEW_PARTITIONS ? "note" : atMost(factor, SKEW_LIMIT, SKEW_BAD);
  return told(about, { state, number: factor, unit: "factor", value });
}

export function writeAmplification(table: TableFacts): Check {
  const about = {
    id: "amplification",
    table: table.role,
    title: "Bytes written per byte that is new",
    limit: factorText(AMPLIFICATION_LIMIT),
    why: "Copy on write rewrites a whole file for one changed row. The factor says how much of the work of commits is copying.",
    cure: "Late events and events that are updated long after they were made touch many files: group them into fewer commits, or let their partitions be smaller. Larger batches lower it most.",
  };
  if (table.commits.unknown !== undefined) return notKnown(about, table.commits.unknown);
  const commits = table.commits.value.filter(({ bytesWritten }) => bytesWritten > 0);
  if (commits.some(({ bytesNew }) => bytesNew === null)) return notKnown(about, "the engine counts no rows per file");
  const written = commits.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  const fresh = commits.reduce((sum, { bytesNew }) => sum + (bytesNew ?? 0), 0);
  if (fresh === 0) return told(about, { state: "note", number: null, unit: "factor", value: "no commit on the timeline wrote rows" }); // prettier-ignore
  const factor = written / fresh;
  const value = `${factorText(factor)} · ${bytesText(written / commits.length)} a commit · of ${countOf(commits.length, "commit")}`;
  return told(about, { state: atMost(factor, AMPLIFICATION_LIMIT, AMPLIFICATION_BAD), number: factor, unit: "factor", value }); // prettier-ignore
}

export function partitionsTouched(table: TableFacts): Check {
  const about = {
    id: "partitions-touched",
    table: table.role,
    title: "Partitions touched per commit",
    limit: `p99 of at most ${countText(PARTITIONS_LIMIT)}`,
    why: "Each one is at least one file rewritten, and one more folder to make durable.",
    cure: "Events of many days in one commit are a backfill (fine, it passes) or a publisher with wrong event times: look at the partitions of the newest commits.",
  };
  if (table.commits.unknown !== undefined) return notKnown(about, table.commits.unknown);
  const touched = ascending(table.commits.value.map(({ partitions }) => partitions));
  const p99 = percentile(touched, 0.99);
  if (p99 === null)
    return told(about, { state: "note", number: null, unit: "count", value: "no commit on the timeline" });
  const value = `p50 ${countText(percentile(touched, 0.5)!)} · p99 ${countText(p99)} · most ${countText(touched.at(-1)!)}`;
  return told(about, { state: atMost(p99, PARTITIONS_LIMIT, PARTITIONS_BAD), number: p99, unit: "count", value });
}

/** Asked for by somebody, because it reads every key. */
export function duplicates(feed: FeedFacts, found: DuplicateFacts | null): Check {
  const about = {
    id: "duplicates",
    table: null,
    title: "Keys in several partitions",
    limit: "none",
    why: "An event whose event time changes its partition moves while its key is in the hot window; later the old row stays, and engines that read the table count it twice.",
    cure: `Publishers must send the same ${feed.expects.partition.replace(/^event_(date|hour)$/, "event time")} for one key. Rows that are left over are deleted with a DELETE on their partition and key, or leave with their partition.`,
  };
  if (found === null)
    return told(about, { state: "note", number: null, unit: "count", value: "not counted: it reads every key, and is counted when asked for" }); // prettier-ignore
  if (found.kind === "not-counted") return notKnown(about, found.why);
  const examples = found.examples.map(({ key, partitions }) => `${key} in ${partitions.join(" and ")}`);
  const value =
    found.keys === 0
      ? `none among ${countOf(found.rows, "row")}`
      : `${countOf(found.keys, "key")} among ${countOf(found.rows, "row")}: ${examples.join("; ")}${found.keys > examples.length ? "; …" : ""}`;
  return told(about, { state: found.keys === 0 ? "ok" : "bad", number: found.keys, unit: "count", value });
}
