/** Everything that pages show of a feed at one position, from memory: its hot window and the views derived from it. */
import { attemptFields, type Attempt, type AttemptFields } from "../model/attempt";
import type { BatchRuns, BatchSummary } from "../model/batch";
import type { Floor, StatusCounts } from "../model/delta";
import { compareRows, type Feed } from "../model/feed";
import { instantMs, type Instant } from "../model/instant";
import type { PipelineSummary } from "../model/pipeline";
import type { Position } from "../model/position";
import type { Problem } from "../model/problem";
import { NOTHING_USUAL, type Usual } from "../model/usual/usual";
import type { Row } from "../model/value";
import { viewShape, type ViewName } from "../model/view";
import { NO_RULES, type Regrouping } from "../model/problem-rule";
import { AttemptFold } from "../model/view-fold";
import { WindowCounts } from "./status-counts";

/** Where a picture stands; the same shape as the lake's head. */
export interface Standing {
  position: Position;
  instant: Instant | null;
  committedAt: number | null;
}

/** Where it stands, and nothing else of it. */
export const standingOf = ({ position, instant, committedAt }: Standing): Standing => ({
  position,
  instant,
  committedAt,
});

/** A standing with the version of the rules by which problems were grouped for it. */
export interface Grouped extends Standing {
  grouping: string;
}

export interface FeedPicture extends Grouped {
  feed: Feed;
  /** The hot window: newest event time first, key ascending. Never changed afterwards. */
  rows: readonly Row[];
  floor: Floor | null;
  counts: StatusCounts | null;
  /** Null for a feed whose events are no attempts. */
  derived: DerivedPicture | null;
}

export interface DerivedPicture {
  /** Last seen first. */
  readonly problems: readonly Problem[];
  /** By name. */
  readonly pipelines: readonly PipelineSummary[];
  /** Last started first. */
  readonly batches: readonly BatchSummary[];
  /** The runs of each pipeline within each batch, in no order. */
  readonly batchRuns: readonly BatchRuns[];
  /** The rows of a view, its event time descending, then key ascending. */
  rows(view: ViewName): readonly Row[];
  /** Attempts of a batch within the hot window, in no order. */
  attemptsOf(correlationId: string): readonly Attempt[];
}

/** Milliseconds of an instant; 0 before the first commit. */
export const timeOfInstant = (instant: Instant | null): number => (instant === null ? 0 : (instantMs(instant) ?? 0));

/** The picture of rows that are not followed any further (a past position). Views are folded when they are first asked for. */
export function pictureOfRows(
  feed: Feed,
  at: Standing,
  rows: readonly Row[],
  floor: Floor | null,
  { regrouping = NO_RULES, usual = NOTHING_USUAL }: { regrouping?: Regrouping; usual?: Usual } = {},
): FeedPicture {
  const fields = attemptFields(feed);
  let fold: AttemptFold | null = null;
  const counts = new WindowCounts(feed, rows, timeOfInstant(at.instant)).read();
  const derived = fields && lazyDerived(() => (fold ??= new AttemptFold(fields, rows, { regrouping, usual })));
  return { feed, grouping: regrouping.version, ...at, rows, floor, counts, derived };
}

/** What a fold holds now, taken at once: later changes of the fold do not reach it. */
export function captureFold(fold: AttemptFold, fields: AttemptFields, rows: readonly Row[]): DerivedPicture {
  const problems = fold.problems();
  const pipelines = fold.pipelines();
  const batches = fold.batches();
  const batchRuns = fold.batchRuns();
  const viewRows = {
    problems: fold.rows("problems"),
    pipelines: fold.rows("pipelines"),
    batches: fold.rows("batches"),
  };
  const captured = {
    problems: () => problems,
    pipelines: () => pipelines,
    batches: () => batches,
    batchRuns: () => batchRuns,
    rows: (view: ViewName) => viewRows[view],
    attemptsOf: (correlationId: string) => {
      const own = rows.filter((row) => row[fields.correlationId] === correlationId);
      return new AttemptFold(fields, own).attemptsOf(correlationId);
    },
  };
  return lazyDerived(() => captured);
}

type FoldLike = Pick<AttemptFold, "problems" | "pipelines" | "batches" | "batchRuns" | "rows" | "attemptsOf">;

function lazyDerived(fold: () => FoldLike): DerivedPicture {
  const rows = new Map<ViewName, readonly Row[]>();
  let problems: readonly Problem[] | null = null;
  let pipelines: readonly PipelineSummary[] | null = null;
  let batches: readonly BatchSummary[] | null = null;
  let batchRuns: readonly BatchRuns[] | null = null;
  return {
    get problems() {
      return (problems ??= fold()
        .problems()
        .sort((a, b) => b.lastSeen - a.lastSeen || compare(a.id, b.id)));
    },
    get pipelines() {
      return (pipelines ??= fold()
        .pipelines()
        .sort((a, b) => compare(a.pipelineName, b.pipelineName)));
    },
    get batches() {
      return (batches ??= fold()
        .batches()
        .sort((a, b) => b.startedAt - a.startedAt || compare(a.correlationId, b.correlationId)));
    },
    get batchRuns() {
      return (batchRuns ??= fold().batchRuns());
    },
    rows: (view) => {
      let sorted = rows.get(view);
      if (!sorted) {
        const shape = viewShape(view, view);
        rows.set(
          view,
          (sorted = fold()
            .rows(view)
            .sort((a, b) => compareRows(shape, a, b))),
        );
      }
      return sorted;
    },
    attemptsOf: (correlationId) => fold().attemptsOf(correlationId),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
