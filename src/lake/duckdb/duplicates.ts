/** Keys that several rows of a table have: what an event leaves behind that moved to another partition unseen. */
import { AppError } from "../../model/app-error";
import type { DuplicateFacts } from "../../model/table-health/facts";
import { bytesText } from "../../model/table-health/amounts";
import type { HudiTable } from "../hudi/table";
import type { Engine } from "./connection";
import { literalList } from "./column-types";

/** Only the column of keys is read of them, some tenth of their bytes. */
const MOST_BYTES = 4 * 2 ** 30;
const EXAMPLES = 5;

/** Files that a cleaner takes meanwhile make the query fail: whoever asked may ask again. */
export async function countDuplicates(engine: Pick<Engine, "read">, table: HudiTable | null): Promise<DuplicateFacts> {
  const slices = table?.slices() ?? [];
  if (table === null || slices.length === 0) return { kind: "counted", rows: 0, keys: 0, examples: [] };
  if (!table.properties.hasMetaFields) return { kind: "not-counted", why: "its files lack Hudi's columns" };
  const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
  if (bytes > MOST_BYTES) {
    return {
      kind: "not-counted",
      why: `the table has ${bytesText(bytes)}, and at most ${bytesText(MOST_BYTES)} are looked through; group its rows by _hoodie_record_key on a cluster`,
    };
  }
  const paths = literalList(slices.map(({ path }) => table.storage.locate(path)));
  const rows = `read_parquet(${paths}, union_by_name = true, hive_partitioning = false)`;
  try {
    return await engine.read(async (connection) => {
      const keys = `SELECT _hoodie_record_key AS key, count(*) AS n FROM ${rows} GROUP BY 1`;
      const [total] = (
        await connection.runAndReadAll(`SELECT sum(n), count(*) FILTER (n > 1) FROM (${keys})`)
      ).getRowsJS();
      const count = Number(total![1] ?? 0);
      const counted = { kind: "counted", rows: Number(total![0] ?? 0), keys: count } as const;
      if (count === 0) return { ...counted, examples: [] };
      const found = await connection.runAndReadAll(
        `SELECT _hoodie_record_key, list_sort(list(DISTINCT _hoodie_partition_path)) FROM ${rows}
         WHERE _hoodie_record_key IN (SELECT key FROM (${keys}) WHERE n > 1 ORDER BY key LIMIT ${EXAMPLES})
         GROUP BY 1 ORDER BY 1`,
      );
      const examples = found.getRowsJS().map(([key, partitions]) => ({
        key: String(key),
        partitions: (partitions as unknown[]).map(String),
      }));
      return { ...counted, examples };
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "engine-unavailable")
      return { kind: "not-counted", why: error.message };
    throw error;
  }
}
