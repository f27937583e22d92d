/**
 * The preview lane of a feed: what was accepted and is not committed yet, for the pages that are open (docs/live-protocol.md,
 * rules 39 to 43). An engine that commits within a second never gets here; on one that takes seconds, whoever is on call sees
 * an event when it has been accepted, marked as not committed. Previews have no position: they move no cursor, enter no view
 * and no count, and are never in an answer of the API.
 */
import { compareRows, compareVersions, keyOf, type Feed } from "../model/feed";
import { sameValue, type Row } from "../model/value";

/** The view as it is committed. */
export interface CommittedView {
  row(key: string): Row | null;
  /** The oldest row of a view that is full; older ones do not come into it. */
  last(): Row | null;
}

export interface PreviewFrame {
  /** Rows as they will be when what is accepted is committed. */
  up: Row[];
  /** Keys of previews that are none any more though nothing was committed for them: what is committed stands. */
  del: string[];
}

export interface PreviewOptions {
  feed: Feed;
  /** Null while the feed is not followed. */
  committed: () => CommittedView | null;
  tell: (frame: PreviewFrame) => void;
}

/** What is committed sooner is not worth a preview. */
const AFTER_MS = 1_000;
/** A staged file with more rows is a load of data, and nobody waits for one row of it. */
const MOST_ROWS_OF_FILE = 500;
/** Rows that are shown at once; beyond it the page says that the feed is catching up. */
const MOST_SHOWN = 1_000;
/** How long the commit of a file that is staged no more may take to be seen here. */
const SETTLED_AFTER_MS = 5_000;

interface Shown {
  row: Row;
  file: string;
}

export class PreviewLane {
  readonly #options: PreviewOptions;
  /** By staged file: the timer of one that is not shown yet. */
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** By staged file: the timer of one that is shown, and staged no more. */
  readonly #settling = new Map<string, NodeJS.Timeout>();
  readonly #shown = new Map<string, Shown>();

  constructor(options: PreviewOptions) {
    this.#options = options;
  }

  /** What is shown as not committed now, for a page that begins to follow. */
  rows(): Row[] {
    return [...this.#shown.values()].map(({ row }) => row);
  }

  /** A file was staged. Returns at once. */
  staged(file: string, rows: readonly Row[]): void {
    if (rows.length > MOST_ROWS_OF_FILE) return;
    this.#waiting.set(file, setTimeout(() => this.#show(file, rows), AFTER_MS).unref());
  }

  /** A file is staged no more: it was committed, and what it changed is about to be seen. */
  unstaged(file: string): void {
    const timer = this.#waiting.get(file);
    if (timer) {
      clearTimeout(timer);
      this.#waiting.delete(file);
    } else if ([...this.#shown.values()].some((shown) => shown.file === file)) {
      this.#settling.set(file, setTimeout(() => this.#settle(file), SETTLED_AFTER_MS).unref());
    }
  }

  /** These rows were committed and told: a preview that is not newer than its row has come true, or lost. */
  committed(up: readonly Row[], del: readonly string[]): void {
    if (this.#shown.size === 0) return;
    for (const key of del) this.#shown.delete(key);
    for (const row of up) {
      const key = keyOf(this.#options.feed, row);
      const shown = this.#shown.get(key);
      if (shown && compareVersions(this.#options.feed, shown.row, row) <= 0) this.#shown.delete(key);
    }
  }

  /** Whoever follows loads the page again. */
  restart(): void {
    this.#shown.clear();
  }

  close(): void {
    for (const timer of [...this.#waiting.values(), ...this.#settling.values()]) clearTimeout(timer);
    this.#waiting.clear();
    this.#settling.clear();
  }

  #show(file: string, rows: readonly Row[]): void {
    this.#waiting.delete(file);
    const { feed, committed, tell } = this.#options;
    const view = committed();
    if (view === null) return;
    const up = new Map<string, Row>();
    for (const row of rows) {
      const key = keyOf(feed, row);
      const rival = up.get(key) ?? this.#shown.get(key)?.row ?? view.row(key);
      if (isNewer(feed, row, rival) && isWithin(feed, row, view.last())) up.set(key, row);
    }
    if (up.size === 0 || this.#shown.size + up.size > MOST_SHOWN) return;
    for (const [key, row] of up) this.#shown.set(key, { row, file });
    tell({ up: [...up.values()], del: [] });
  }

  #settle(file: string): void {
    this.#settling.delete(file);
    const del = [...this.#shown].filter(([, shown]) => shown.file === file).map(([key]) => key);
    for (const key of del) this.#shown.delete(key);
    if (del.length > 0) this.#options.tell({ up: [], del });
  }
}

/** On equal order the later arrival wins, and a message that is equal in every field changes nothing (design §2). */
function isNewer(feed: Feed, row: Row, rival: Row | null): boolean {
  if (rival === null) return true;
  const order = compareVersions(feed, row, rival);
  return order > 0 || (order === 0 && !row.every((value, i) => sameValue(value, rival[i] ?? null)));
}

const isWithin = (feed: Feed, row: Row, last: Row | null): boolean =>
  last === null || compareRows(feed, row, last) <= 0;
