/** A table that somebody else writes, as Spark tells of it. */
import type { Clock } from "../../../clock";
import type { Filter } from "../../../model/filter";
import type { Instant } from "../../../model/instant";
import type { Point } from "../../../model/position";
import type { WireValue } from "../../../model/value";
import type { AdoptedLook, AdoptedSource, AskedRows, Differences } from "../../adopted/source";
import type { Cut } from "../../hudi/cuts";
import type { Statistics, TimelineEntry } from "../../reader";
import { AdoptedRows } from "./adopted-rows";
import { adoptedStatistics } from "./adopted-statistics";
import type { AdoptedTableOptions } from "./adopted-table";
import { AdoptedTimeline } from "./adopted-timeline";
import { adoptedTimelinePage } from "./adopted-timeline-page";

export class SparkAdoptedSource implements AdoptedSource {
  readonly #options: AdoptedTableOptions;
  readonly #timeline: AdoptedTimeline;
  readonly #rows: AdoptedRows;

  /** Asks nothing of Spark yet. @param clock paces the looks for what is new */
  constructor(options: AdoptedTableOptions, clock: Clock) {
    this.#options = options;
    this.#timeline = new AdoptedTimeline(options, clock);
    this.#rows = new AdoptedRows(options, this.#timeline);
  }

  look(): Promise<AdoptedLook> {
    return this.#timeline.look();
  }

  known(): AdoptedLook | null {
    return this.#timeline.known;
  }

  whole(): Promise<AdoptedLook> {
    return this.#timeline.whole();
  }

  rows(point: Point, asked: AskedRows, signal?: AbortSignal): Promise<WireValue[][] | null> {
    return this.#rows.rows(point, asked, signal);
  }

  count(point: Point, filter: Filter, within: number): Promise<number | null> {
    return this.#rows.count(point, filter, within);
  }

  differences(since: Cut, until: Cut, limit: number): Promise<Differences | null> {
    return this.#rows.differences(since, until, limit);
  }

  statistics(point: Point): Promise<Statistics | null> {
    return adoptedStatistics(this.#options.feed, this.#rows, point);
  }

  async timeline(
    look: AdoptedLook,
    query: { limit: number; after?: Instant },
  ): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
    const { table } = await this.#timeline.look();
    if (table === null) return { entries: [], next: null };
    return adoptedTimelinePage(this.#options.spark, table, look, query);
  }

  findDuplicates(): Promise<void> {
    return this.#rows.findDuplicates();
  }
}
