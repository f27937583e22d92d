/** Hudi's columns beside a row, as those of a state row whose commit is the position, whichever table it was read from. */
import type { Feed } from "../../../model/feed";
import type { Instant } from "../../../model/instant";
import type { MetaRow } from "../../reader";
import { partitionOf } from "../column-sql";
import { quotedLiteral } from "../sql/literals";
import { sql } from "../sql/sql";
import type { Positions } from "./positions";
import { META_COLUMNS } from "./snapshot-sql";
import { textColumn, type WireColumn } from "./wire-columns";

/** commit time, commit seqno, record key, partition path, file name, value of the partition column. */
export function metaColumns(feed: Feed): WireColumn[] {
  const [time, seqno, key, , file] = META_COLUMNS;
  const value = partitionOf(feed);
  const path = sql`concat(${quotedLiteral(`${feed.partitionColumn}=`)}, ${value})`;
  return [time!, seqno!, key!, path, file!, value].map(textColumn);
}

/**
 * A row of the state carries the instant of the state's own commit, which on Spark lies a moment after its position: the
 * position is the newest one at or before it.
 */
export class MetaTimes {
  readonly #known = new Map<Instant, Instant>();

  constructor(private readonly positions: Positions) {}

  async inPositions([time, seqno, ...others]: readonly string[]): Promise<MetaRow["meta"]> {
    let position = this.#known.get(time!);
    if (position === undefined) {
      position = (await this.positions.floor(time!)) ?? time!;
      this.#known.set(time!, position);
    }
    return [position, seqno!.replace(time!, position), ...others] as unknown as MetaRow["meta"];
  }
}
