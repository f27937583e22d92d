/**
 * How far the versions in files reach: rows, and the greatest of their event times and ordering values. What a file cannot
 * hold need not be read from it. A file never changes, so each is asked once.
 */
import { MAX_AHEAD_MS, type Feed } from "../../model/feed";
import { timeOf } from "../../model/instant";
import type { FileSlice } from "../hudi/table";
import { lastCommit } from "./commit-index";
import type { Engine } from "./connection";
import { columnOf } from "./filter-sql";
import { FILE_INDEX, type FileScanner } from "./scan-files";

/** Files that are asked; older ones are bounded by when they were written. */
const FILES_ASKED = 512;
const FILES_KEPT = 4_096;

export interface FileBound {
  /** No version in the file has a later event time or ordering value, epoch ms. */
  latest: number;
  /** Null where the file was not asked. */
  rows: number | null;
}

export class FileBounds {
  readonly #known = new Map<string, Promise<FileBound>>();

  constructor(
    readonly engine: Engine,
    readonly scanner: FileScanner,
    readonly feed: Feed,
  ) {}

  /** @param slices in order of arrival @returns their bounds in the same order */
  of(slices: readonly FileSlice[]): Promise<FileBound[]> {
    const asked = this.#isOrderedByTime() ? slices.slice(-FILES_ASKED) : [];
    this.#ask(asked.filter(({ path }) => !this.#known.has(path)));
    const unasked = (slice: FileSlice) => Promise.resolve({ latest: furthest(slice), rows: null });
    const bounds = slices.map((slice) => this.#known.get(slice.path) ?? unasked(slice));
    for (const path of this.#known.keys()) {
      if (this.#known.size <= FILES_KEPT) break;
      this.#known.delete(path);
    }
    return Promise.all(bounds);
  }

  #isOrderedByTime(): boolean {
    return this.feed.fields[this.feed.ordering]!.type.kind === "timestamp";
  }

  #ask(slices: readonly FileSlice[]): void {
    if (slices.length === 0) return;
    const { feed, engine, scanner } = this;
    const answer = engine.read(async (connection) => {
      const latest = `greatest(max(${columnOf(feed, feed.eventTime)}), max(${columnOf(feed, feed.ordering)}))`;
      const source = await scanner.source(connection, slices);
      const sql = `SELECT ${FILE_INDEX}, epoch_ms(${latest}), count(*) FROM ${source} GROUP BY 1`;
      const rows = await (await connection.run(sql)).getRowsJS();
      return new Map(rows.map(([file, ms, count]) => [Number(file), { latest: Number(ms), rows: Number(count) }]));
    });
    for (const [i, slice] of slices.entries()) {
      const bound = answer.then((found) => found.get(i) ?? { latest: furthest(slice), rows: 0 });
      // Whoever asked gets the error; the next one asks again.
      bound.catch(() => this.#known.delete(slice.path));
      this.#known.set(slice.path, bound);
    }
  }
}

const furthest = (slice: FileSlice): number => timeOf(lastCommit(slice)) + MAX_AHEAD_MS;
