/**
 * Past positions, read from the lake: whole pictures, and digests, which are what most pages need of one and take a fraction
 * of its time and memory. Each is built once, shared by whoever asks at the same time, and a few are kept.
 */
import type { FeedOutlines, FeedReader, Outline } from "../lake/reader";
import { AppError } from "../model/app-error";
import { attemptFields, problemFields, runFields, type AttemptFields } from "../model/attempt";
import type { Floor, StatusCounts } from "../model/delta";
import { compareRows, eventTimeOf, keyOf, type Feed } from "../model/feed";
import { EVERYTHING, type Filter } from "../model/filter";
import { RECENT } from "../model/pipeline";
import type { Regrouping } from "../model/problem-rule";
import type { Row } from "../model/value";
import { viewShape, type ViewName } from "../model/view";
import { AttemptFold } from "../model/view-fold";
import { Builds } from "./builds";
import { pipelinesOfRuns } from "./past-pipelines";
import { pictureOfRows, timeOfInstant, type FeedPicture, type Standing } from "./picture";
import { DAY_MS, WindowCounts } from "./status-counts";
import { NO_USUAL, type UsualSource } from "./usual-source";

/** Of the hot window of a past position. */
export interface PastDigest {
  /** The newest rows, at most `NEWEST_KEPT`. */
  newest: readonly Row[];
  counts: StatusCounts | null;
  /** Rows of the view, in its order; empty for a feed whose events are no attempts. */
  problems: readonly Row[];
  /** Version of the rules by which they were grouped. */
  grouping: string;
}

/** What the first page needs: a digest, and the pipelines. */
export interface PastOverview extends PastDigest {
  /** Rows of the view, in its order. */
  pipelines: readonly Row[];
}

export interface PartOf {
  filter: Filter;
  limit: number;
  regrouping: Regrouping;
}

const MOST_KEPT = 64;
/** Each takes both threads of the engine for a moment: more at once would only make all of them late. */
const BUILDS_AT_ONCE = 2;
/** About ten seconds of work: longer nobody waits for a page. */
const BUILDS_WAITING = 32;
/** What the on-call page shows, and some more. */
export const NEWEST_KEPT = 50;

interface Kept<T> {
  answer: Promise<T>;
  /** Null while it is being built: then it is not dropped, so that everybody who asks meanwhile shares it. */
  rows: number | null;
}

export class PastPictures {
  readonly #hotRows: number;
  readonly #usualOf: (feed: Feed) => UsualSource;
  /** Rows of all kept pictures together; at least one picture is kept. */
  readonly #mostRows: number;
  readonly #builds = new Builds(BUILDS_AT_ONCE, BUILDS_WAITING);
  readonly #pictures = new Map<string, Kept<FeedPicture>>();
  readonly #parts = new Map<string, Kept<FeedPicture>>();
  readonly #digests = new Map<string, Kept<PastDigest>>();
  readonly #overviews = new Map<string, Kept<PastOverview>>();

  constructor(hotRows: number, usualOf: (feed: Feed) => UsualSource = () => NO_USUAL, mostRows = hotRows) {
    this.#hotRows = hotRows;
    this.#usualOf = usualOf;
    this.#mostRows = mostRows;
  }

  /** @throws AppError gone with the oldest instant that is kept, engine-unavailable when too many wait already */
  read(feed: Feed, reader: FeedReader, at: Standing, regrouping: Regrouping): Promise<FeedPicture> {
    const build = () => this.#picture(feed, reader, at, regrouping);
    return this.#kept(this.#pictures, keyOfPast(feed, at, regrouping), build, ({ rows }) => rows.length);
  }

  /** The same of the newest rows that match a filter, at most `limit`. @throws AppError as `read` */
  part(feed: Feed, reader: FeedReader, at: Standing, { filter, limit, regrouping }: PartOf): Promise<FeedPicture> {
    const key = `${keyOfPast(feed, at, regrouping)} ${limit} ${JSON.stringify(filter)}`;
    const build = async () => {
      const answer = await reader.snapshot({ at: at.position, filter, limit });
      return pictureOfRows(feed, at, rowsOrGone(feed, at, answer), null, { regrouping });
    };
    return this.#kept(this.#parts, key, build, ({ rows }) => rows.length);
  }

  /** @throws AppError as `read` */
  digest(feed: Feed, reader: FeedReader, at: Standing, regrouping: Regrouping): Promise<PastDigest> {
    const build = () => this.#digest(feed, reader, at, regrouping);
    return this.#kept(this.#digests, keyOfPast(feed, at, regrouping), build, ({ problems }) => problems.length);
  }

  /** @throws AppError as `read` */
  overview(feed: Feed, reader: FeedReader, at: Standing, regrouping: Regrouping): Promise<PastOverview> {
    const build = () => this.#overview(feed, reader, at, regrouping);
    return this.#kept(
      this.#overviews,
      keyOfPast(feed, at, regrouping),
      build,
      ({ problems, pipelines }) => problems.length + pipelines.length,
    );
  }

  #kept<T>(
    kept: Map<string, Kept<T>>,
    key: string,
    build: () => Promise<T>,
    rowsOf: (answer: T) => number,
  ): Promise<T> {
    const known = kept.get(key);
    if (known) {
      kept.delete(key);
      kept.set(key, known);
      return known.answer;
    }
    const entry: Kept<T> = { answer: this.#builds.run(build), rows: null };
    kept.set(key, entry);
    entry.answer.then(
      (answer) => {
        entry.rows = rowsOf(answer);
        this.#trim(kept);
      },
      // Whoever asked gets the error; the next one asks again.
      () => kept.delete(key),
    );
    return entry.answer;
  }

  async #picture(feed: Feed, reader: FeedReader, at: Standing, regrouping: Regrouping): Promise<FeedPicture> {
    const found = rowsOrGone(
      feed,
      at,
      await reader.snapshot({ at: at.position, filter: EVERYTHING, limit: this.#hotRows + 1 }),
    );
    const rows = found.slice(0, this.#hotRows);
    const last = found.length > this.#hotRows ? rows.at(-1) : undefined;
    const floor: Floor | null = last ? [eventTimeOf(feed, last), keyOf(feed, last)] : null;
    const memory = this.#usualOf(feed);
    await memory.ready;
    const usual = memory.usualAt(timeOfInstant(at.instant));
    return pictureOfRows(feed, at, rows, floor, { regrouping, usual });
  }

  async #digest(feed: Feed, reader: FeedReader, at: Standing, regrouping: Regrouping): Promise<PastDigest> {
    const attempts = attemptFields(feed);
    if (hasOutlines(reader)) return this.#digestOf(attempts, await this.#outline(feed, reader, at), regrouping);
    const { newest, rows } = await this.#window(feed, reader, at, attempts ? problemFields(attempts) : []);
    const counts = new WindowCounts(feed, rows, timeOfInstant(at.instant)).read();
    return this.#digestOf(attempts, { newest, counts, deciding: rows }, regrouping);
  }

  async #overview(feed: Feed, reader: FeedReader, at: Standing, regrouping: Regrouping): Promise<PastOverview> {
    const attempts = attemptFields(feed);
    if (!attempts) return { ...(await this.#digest(feed, reader, at, regrouping)), pipelines: [] };
    const instantMs = timeOfInstant(at.instant);
    const memory = this.#usualOf(feed);
    if (hasOutlines(reader)) {
      const [outline] = await Promise.all([this.#outline(feed, reader, at, RECENT), memory.ready]);
      const pipelines = pipelinesOfRuns(attempts, outline.runs!, memory.usualAt(instantMs));
      return { ...this.#digestOf(attempts, outline, regrouping), pipelines: sorted("pipelines", pipelines) };
    }
    const [{ newest, rows }] = await Promise.all([this.#window(feed, reader, at, runFields(attempts)), memory.ready]);
    const fold = new AttemptFold(attempts, rows, { regrouping, usual: memory.usualAt(instantMs) });
    return {
      newest,
      counts: new WindowCounts(feed, rows, instantMs).read(),
      problems: sorted("problems", fold.rows("problems")),
      pipelines: sorted("pipelines", fold.rows("pipelines")),
      grouping: regrouping.version,
    };
  }

  #digestOf(
    attempts: AttemptFields | null,
    { newest, counts, deciding }: Pick<PastDigest, "newest" | "counts"> & { deciding: readonly Row[] },
    regrouping: Regrouping,
  ): PastDigest {
    const problems = attempts
      ? new AttemptFold(attempts, deciding, { only: "problems", regrouping }).rows("problems")
      : [];
    return { newest, counts, problems: sorted("problems", problems), grouping: regrouping.version };
  }

  /** From the engine, which does not give all rows for it. */
  async #outline(feed: Feed, reader: FeedReader & FeedOutlines, at: Standing, runs?: number): Promise<Outline> {
    const since = timeOfInstant(at.instant) - DAY_MS;
    const query = { at: at.position, within: this.#hotRows, newest: NEWEST_KEPT, since, ...(runs && { runs }) };
    const answer = await reader.outline(query);
    if (answer.kind === "gone") throw goneAt(feed, at, answer.oldestInstant);
    return answer;
  }

  /** The newest rows, and of all rows of the window what is counted and these fields. */
  async #window(feed: Feed, reader: FeedReader, at: Standing, wanted: readonly number[]) {
    const window = { at: at.position, filter: EVERYTHING, limit: this.#hotRows };
    const counted = feed.status === null ? [feed.eventTime] : [feed.eventTime, feed.status];
    const [newest, rows] = await Promise.all([
      reader.snapshot({ ...window, limit: Math.min(NEWEST_KEPT, this.#hotRows) }),
      reader.snapshot({ ...window, fields: [...new Set([...counted, ...wanted])] }),
    ]);
    return { newest: rowsOrGone(feed, at, newest), rows: rowsOrGone(feed, at, rows) };
  }

  #trim(kept: Map<string, Kept<unknown>>): void {
    const made = [...kept].filter(([, { rows }]) => rows !== null);
    let rows = made.reduce((sum, [, entry]) => sum + entry.rows!, 0);
    for (const [i, [key, entry]] of made.entries()) {
      const left = made.length - i;
      if ((rows <= this.#mostRows && left <= MOST_KEPT) || left === 1) return;
      rows -= entry.rows!;
      kept.delete(key);
    }
  }
}

function sorted(view: ViewName, rows: Row[]): Row[] {
  const shape = viewShape(view, view);
  return rows.sort((a, b) => compareRows(shape, a, b));
}

/** What was grouped by other rules is another picture of the same position. */
const keyOfPast = (feed: Feed, at: Standing, regrouping: Regrouping): string =>
  `${feed.name}@${at.position} ${regrouping.version}`;

/** Whether an engine can tell of a window without giving its rows. */
export const hasOutlines = (reader: FeedReader): reader is FeedReader & FeedOutlines => "outline" in reader;

/** @throws AppError gone with the oldest instant that is kept */
export function rowsOrGone(
  feed: Feed,
  at: Standing,
  answer: Awaited<ReturnType<FeedReader["snapshot"]>>,
): readonly Row[] {
  if (answer.kind === "rows") return answer.rows;
  throw goneAt(feed, at, answer.oldestInstant);
}

export function goneAt(feed: Feed, at: Standing, oldest: string | null): AppError {
  const since = oldest === null ? "nothing is kept any more" : `the oldest kept is ${oldest}`;
  return new AppError("gone", `Instant ${at.instant ?? "0"} of feed ${feed.name} is no longer kept: ${since}.`, {
    oldest,
  });
}
