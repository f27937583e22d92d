/**
 * What can be told of the tables of a feed as tables: their timelines, files, properties and upkeep. Beside `FeedReader`, which
 * tells of their rows. Callers: the pages and calls about tables.
 *
 * Promises:
 * - Nothing is changed, and nothing of the commits waits for it.
 * - What an engine cannot tell is `unknown` with the reason, never a number that was made up.
 */
import type { Instant } from "../model/instant";
import type { DuplicateFacts, TableFacts, TableRole } from "../model/table-health/facts";
import type { InstantDetail, InstantLine, StateFiles } from "../model/table-health/instants";

/** A moment of the past: a commit, and when it was there to be seen, epoch ms. */
export interface PastMoment {
  instant: Instant;
  time: number;
}

export interface LineQuery {
  limit: number;
  /** Only what is older. */
  after?: Instant;
  /** As of then; null = now. */
  at: PastMoment | null;
}

export interface TableInspector {
  readonly role: TableRole;
  readonly name: string;
  /** Where it lies as engines are told of it; null where that is not known here. */
  readonly location: string | null;
  /** Null while there is no such table. */
  facts(at: PastMoment | null): Promise<TableFacts | null>;
  /** Newest first; never cut between two actions of one instant. */
  lines(query: LineQuery): Promise<{ lines: InstantLine[]; next: Instant | null }>;
  /** The actions of an instant; empty where the timeline has none of that name. */
  details(instant: Instant): Promise<InstantDetail[]>;
  /** The files of the state as of an instant, null = the newest; null where they are gone, or not known here. */
  files(at: Instant | null): Promise<StateFiles | null>;
}

export interface FeedInspector {
  /** The state (or the one table) first. */
  readonly tables: readonly TableInspector[];
  /** The commit of the state that carries a position; null where log and state have instants of their own and it is not known. */
  stateInstant(instant: Instant): Instant | null;
  /** Counts keys that several rows of the state have. Reads every key, within a bound. */
  duplicates(): Promise<DuplicateFacts>;
}
