/** What a lake must answer, by the plainest means: every accepted version in a list, folded anew for each question. */
import { compareRows, compareVersions, keyOf, type Feed } from "~/model/feed";
import { matcher, type Filter } from "~/model/filter";
import type { Instant } from "~/model/instant";
import { compareText, type Row } from "~/model/value";

export interface LoggedVersion {
  instant: Instant;
  row: Row;
}

/** Everything that happened before a moment left at an instant. */
interface ModelDrop {
  instant: Instant;
  before: number;
}

export class ModelLake {
  readonly drops: ModelDrop[] = [];
  readonly versions: LoggedVersion[] = [];
  readonly instants: Instant[] = [];
  readonly #seen = new Set<string>();

  constructor(readonly feed: Feed) {}

  /** The rows of a commit that are new versions, in order of arrival. */
  unseen(rows: readonly Row[]): Row[] {
    const fresh = new Map<string, Row>();
    for (const row of rows) {
      const text = JSON.stringify(row);
      if (!this.#seen.has(text) && !fresh.has(text)) fresh.set(text, row);
    }
    return [...fresh.values()];
  }

  commit(instant: Instant, rows: readonly Row[]): void {
    for (const row of rows) {
      this.#seen.add(JSON.stringify(row));
      this.versions.push({ instant, row });
    }
    this.instants.push(instant);
  }

  /** Rows whose event time lies before leave. */
  drop(instant: Instant, before: number): void {
    this.drops.push({ instant, before });
    this.instants.push(instant);
  }

  /** The greatest version of each key among those committed until an instant, without the rows that left for their age. */
  stateAt(instant: Instant): Map<string, LoggedVersion> {
    const state = new Map<string, LoggedVersion>();
    const drops = this.drops.filter((drop) => drop.instant <= instant);
    const leave = (until: Instant | null) => {
      while (drops[0] !== undefined && (until === null || drops[0].instant < until)) {
        const { before } = drops.shift()!;
        for (const [key, { row }] of state) if ((row[this.feed.eventTime] as number) < before) state.delete(key);
      }
    };
    for (const version of this.versions) {
      if (version.instant > instant) break;
      leave(version.instant);
      const key = keyOf(this.feed, version.row);
      const rival = state.get(key);
      if (rival === undefined || compareVersions(this.feed, version.row, rival.row) >= 0) state.set(key, version);
    }
    leave(null);
    return state;
  }

  /** Keys that had a row at `since` and have none at `until`, sorted. */
  left(since: Instant, until: Instant): string[] {
    const later = this.stateAt(until);
    return [...this.stateAt(since).keys()].filter((key) => !later.has(key)).sort(compareText);
  }

  rowsAt(instant: Instant, filter: Filter): Row[] {
    const matches = matcher(this.feed, filter);
    return [...this.stateAt(instant).values()]
      .map(({ row }) => row)
      .filter(matches)
      .sort((a, b) => compareRows(this.feed, a, b));
  }

  changes(since: Instant, until: Instant): Row[] {
    return [...this.stateAt(until).values()]
      .filter(({ instant }) => instant > since)
      .map(({ row }) => row)
      .sort((a, b) => compareRows(this.feed, a, b));
  }

  /** All versions of a key; the sort is stable, so that arrival decides last. */
  history(key: string): LoggedVersion[] {
    return this.versions
      .filter(({ row }) => keyOf(this.feed, row) === key)
      .sort((a, b) => compareVersions(this.feed, a.row, b.row));
  }
}
