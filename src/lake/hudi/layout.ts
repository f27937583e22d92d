/**
 * How the groups of a state table are cut: as keys arrive, or into a fixed number of buckets per partition by a hash of the key
 * (Hudi's simple bucket index). A table keeps what it was begun with: a key would be looked for in the wrong group otherwise.
 */
import { AppError } from "../../model/app-error";
import type { HudiTable } from "./table";
import { BUCKETS_PROPERTY } from "./table-properties";

/** Hudi begins the id of a bucket's group with its number, in 8 digits; ids of other groups are UUIDs. */
const BUCKET_GROUP = /^(0000\d{4})-/;

const bucketOf = (fileId: string): number | null => {
  const digits = BUCKET_GROUP.exec(fileId)?.[1];
  return digits === undefined ? null : Number(digits);
};

/**
 * @param buckets what the feed declares; null = groups follow the arrival of keys
 * @throws AppError read-only when the table was begun with another layout
 */
export function assertLayout(table: HudiTable, buckets: number | null): void {
  const stored = table.properties.raw.get(BUCKETS_PROPERTY);
  const groups = table.slices().map(({ fileId }) => bucketOf(fileId));
  const inBuckets = groups.filter((bucket) => bucket !== null);
  const refuse = (is: string, cure: string) =>
    new AppError(
      "read-only",
      `The table ${table.properties.name} is ${is}, and its feed declares ${declared(buckets)}. A table keeps the layout that it was begun with: ${cure}, or give the feed another name.`,
    );
  if (stored !== undefined && Number(stored) !== buckets) {
    throw refuse(`cut into ${stored} buckets`, `declare "layout": "bucket" and "buckets": ${stored}`);
  }
  if (buckets === null) {
    if (inBuckets.length === 0) return;
    throw refuse("cut into buckets", 'declare "layout": "bucket" with the count of the job that began it');
  }
  if (inBuckets.length < groups.length) throw refuse("not cut into buckets", 'declare "layout": "log"');
  const greatest = Math.max(-1, ...inBuckets);
  if (greatest < buckets) return;
  throw refuse(`cut into at least ${greatest + 1} buckets`, `declare the count of the job that began it`);
}

const declared = (buckets: number | null): string => (buckets === null ? "layout log" : `${buckets} buckets`);

/** @throws AppError read-only: the embedded engine places rows as they arrive */
export function refuseBuckets(table: HudiTable, buckets: number | null): void {
  assertLayout(table, buckets);
  if (buckets === null) return;
  throw new AppError(
    "read-only",
    `The embedded engine reads the table ${table.properties.name}, which is cut into ${buckets} buckets, and does not write it. Set WEIR_ENGINE=spark, or give the feed another name and "layout": "log".`,
  );
}
