import type { Feed } from "../../model/feed";
import { literal, META_COLUMNS } from "./column-types";
import { columnOf } from "./filter-sql";
import { textColumn, type ResultColumn } from "./rows";

/** Hudi's columns as those of a state row, whichever table it was read from. */
export function metaColumns(feed: Feed): ResultColumn[] {
  const { partitionColumn, granularity, eventTime } = feed;
  const format = granularity === "day" ? "%Y-%m-%d" : "%Y-%m-%d-%H";
  const value = `strftime(make_timestamp(epoch_us(${columnOf(feed, eventTime)})), '${format}')`;
  const path = `${literal(`${partitionColumn}=`)} || ${value}`;
  return [
    ...META_COLUMNS.map((column) => textColumn(column === "_hoodie_partition_path" ? path : column)),
    textColumn(value),
  ];
}
