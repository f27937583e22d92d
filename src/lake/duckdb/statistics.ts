/**
 * Counts over a whole state. A file never changes, so each is counted once and its counts are kept: after a commit only the
 * files that it wrote are read.
 */
import type { Feed } from "../../model/feed";
import type { FileSlice } from "../hudi/table";
import type { Statistics } from "../reader";
import { identifier } from "./column-types";
import type { Engine } from "./connection";
import { columnOf } from "./filter-sql";
import { foldQuery, winnersQuery } from "./log-fold";
import { FILE_INDEX, type FileScanner } from "./scan-files";

interface Counts {
  rows: number;
  byStatus: Record<string, number>;
  newestEventAt: number | null;
}

const NOTHING: Counts = { rows: 0, byStatus: {}, newestEventAt: null };

export class StatisticsOfFiles {
  #counts = new Map<string, Counts>();

  constructor(
    readonly engine: Engine,
    readonly scanner: FileScanner,
    readonly feed: Feed,
  ) {}

  /** Of a state that is these slices. */
  async ofSlices(slices: readonly FileSlice[]): Promise<Statistics> {
    const unknown = slices.filter(({ path }) => !this.#counts.has(path));
    const counted = await this.#count(unknown);
    const current = new Map(slices.map(({ path }) => [path, this.#counts.get(path) ?? counted.get(path) ?? NOTHING]));
    this.#counts = current; // superseded slices are forgotten
    return total(current.values());
  }

  /** Of a state that is the fold of all rows of these slices; `versions` is a further condition on them, or null. */
  async ofFold(slices: readonly FileSlice[], until: string, versions: string | null): Promise<Statistics> {
    if (slices.length === 0) return total([]);
    const { feed } = this;
    const rows = await this.engine.read(async (connection) => {
      const source = await this.scanner.source(connection, slices);
      const folded = `(${foldQuery(feed, { source, until, versions })})`;
      const winners = winnersQuery(
        source,
        folded,
        `s.${columnOf(feed, feed.eventTime)}, ${statusOf(feed, "s.")} AS _status`,
      );
      return connection.runAndReadAll(countQuery(feed, `(${winners})`, "0", "_status"));
    });
    return total(rows.getRowsJS().map(([, ...counts]) => countsOf(counts)));
  }

  async #count(slices: readonly FileSlice[]): Promise<Map<string, Counts>> {
    const counted = new Map<string, Counts>();
    if (slices.length === 0) return counted;
    const result = await this.engine.read(async (connection) => {
      const source = await this.scanner.source(connection, slices);
      return connection.runAndReadAll(countQuery(this.feed, source, FILE_INDEX, statusOf(this.feed, "")));
    });
    for (const [file, ...counts] of result.getRowsJS()) {
      const { path } = slices[Number(file)]!;
      counted.set(path, add(counted.get(path) ?? NOTHING, countsOf(counts)));
    }
    return counted;
  }
}

const statusOf = (feed: Feed, prefix: string): string =>
  feed.status === null ? "NULL" : `${prefix}${identifier(feed.fields[feed.status]!.name)}`;

const countQuery = (feed: Feed, source: string, file: string, status: string): string =>
  `SELECT ${file}, ${status}, count(*), epoch_ms(max(${columnOf(feed, feed.eventTime)})) FROM ${source} GROUP BY 1, 2`;

function countsOf([status, rows, newest]: readonly unknown[]): Counts {
  return {
    rows: Number(rows),
    byStatus: typeof status === "string" ? { [status]: Number(rows) } : {},
    newestEventAt: newest === null ? null : Number(newest),
  };
}

function add(a: Counts, b: Counts): Counts {
  const byStatus = { ...a.byStatus };
  for (const [status, rows] of Object.entries(b.byStatus)) byStatus[status] = (byStatus[status] ?? 0) + rows;
  const times = [a.newestEventAt, b.newestEventAt].filter((time) => time !== null);
  return { rows: a.rows + b.rows, byStatus, newestEventAt: times.length === 0 ? null : Math.max(...times) };
}

const total = (counts: Iterable<Counts>): Statistics => [...counts].reduce(add, NOTHING);
