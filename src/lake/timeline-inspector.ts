/** What a reader alone tells of its table, where the folder of the table is out of this process's sight. */
import type { Clock } from "../clock";
import { timeOf, type Instant } from "../model/instant";
import type { CommitFact, TableFacts, TableRole } from "../model/table-health/facts";
import type { InstantDetail, InstantLine, StateFiles } from "../model/table-health/instants";
import type { LineQuery, PastMoment, TableInspector } from "./inspector";
import type { FeedReader, TimelineEntry } from "./reader";

const UNSEEN = "the folder of the table is not within reach of this server, and Spark tells its timeline only";
const MOST_INSTANTS = 1_000;
const MOST_COMMITS = 200;

export class TimelineInspector implements TableInspector {
  readonly role: TableRole = "table";
  readonly location = null;

  constructor(
    readonly name: string,
    private readonly reader: Pick<FeedReader, "timeline">,
    private readonly clock: Clock,
  ) {}

  async facts(at: PastMoment | null): Promise<TableFacts | null> {
    const entries = (await this.reader.timeline({ limit: MOST_INSTANTS })).entries
      .filter(({ instant }) => at === null || instant <= at.instant)
      .reverse();
    const commits = entries.filter(({ action, state }) => state === "COMPLETED" && /commit$/.test(action));
    const unknown = { unknown: UNSEEN };
    return {
      role: this.role,
      name: this.name,
      isOurs: false,
      asOf: at?.instant ?? null,
      now: at?.time ?? this.clock.now(),
      instants: {
        value: entries.map(({ instant, action, state, completedAt }) => ({ instant, action, state, completedAt })),
      },
      commits: { value: commits.slice(-MOST_COMMITS).map(commitFact) },
      files: unknown,
      clean: unknown,
      archive: unknown,
      heartbeats: unknown,
      locks: unknown,
      properties: unknown,
    };
  }

  async lines({ limit, after, at }: LineQuery): Promise<{ lines: InstantLine[]; next: Instant | null }> {
    // Older than the first instant that was not there yet.
    const bound = at === null ? after : [instantAfter(at), after].filter((one) => one !== undefined).sort()[0];
    const { entries, next } = await this.reader.timeline({ limit, ...(bound !== undefined && { after: bound }) });
    return { lines: entries.map(lineOf), next };
  }

  async details(instant: Instant): Promise<InstantDetail[]> {
    const { entries } = await this.reader.timeline({ limit: 1, after: instantAfter({ instant }) });
    return entries
      .filter((entry) => entry.instant === instant)
      .map((entry) => ({
        ...lineOf(entry),
        table: this.role,
        tableName: this.name,
        operation: null,
        files: [],
        staged: [],
        fence: null,
        versions: null,
        replaced: [],
        removed: [],
        keptSince: null,
        extra: [],
        unknown: UNSEEN,
      }));
  }

  files(): Promise<StateFiles | null> {
    return Promise.resolve(null);
  }
}

/** The text that sorts right behind an instant and before the next one. */
const instantAfter = ({ instant }: Pick<PastMoment, "instant">): Instant => (BigInt(instant) + 1n).toString();

const lineOf = (entry: TimelineEntry): InstantLine => ({
  instant: entry.instant,
  action: entry.action,
  state: entry.state,
  completedAt: entry.completedAt,
  durationMs: entry.durationMs,
  inserted: entry.inserted,
  updated: entry.updated,
  deleted: entry.deleted,
  files: entry.filesWritten,
  bytes: entry.bytesWritten,
  partitions: entry.partitions,
  batches: entry.batches,
});

const commitFact = (entry: TimelineEntry): CommitFact => ({
  instant: entry.instant,
  completedAt: entry.completedAt ?? timeOf(entry.instant),
  action: entry.action,
  operation: entry.action,
  inserted: entry.inserted,
  updated: entry.updated,
  deleted: entry.deleted,
  files: entry.filesWritten,
  bytesWritten: entry.bytesWritten,
  bytesNew: null,
  partitions: entry.partitions.length,
  batches: entry.batches,
});
