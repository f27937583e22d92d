/**
 * Searching in the errors of a feed: at once in its hot window, and behind it in the lake, a bounded piece per answer. Rows that
 * answer are grouped into the problems that they belong to, as people group them today.
 */
import type { App } from "../app";
import type { PageTime } from "./pages/page-time";
import { AppError } from "../model/app-error";
import { attemptFields, type AttemptFields } from "../model/attempt";
import { answers, hitIn, type ErrorHit, type ErrorQuestion } from "../model/error-search";
import { eventTimeOf, keyOf, type Feed } from "../model/feed";
import type { Filter } from "../model/filter";
import { normaliseError, problemId } from "../model/normalise-error";
import type { Regrouping } from "../model/problem-rule";
import type { ProblemState } from "../model/problem";
import { nextOf, type RowPlace, type RowQuery } from "../model/row-query";
import type { Row } from "../model/value";

export interface ErrorSearch {
  question: ErrorQuestion;
  /** Only of this pipeline; null = of any. */
  pipeline: string | null;
  /** Event times, epoch ms; null = open. */
  from: number | null;
  to: number | null;
  /** The commit that is searched; null = the present. */
  head: PageTime["head"];
  /** Where the answer before ended. */
  after: RowQuery["after"];
  /** Problems in an answer. */
  limit: number;
}

/** The errors of one problem that answer. */
export interface FoundProblem extends ErrorHit {
  id: string;
  pipelineName: string;
  stageName: string;
  /** Of the problem now; null when it has left the hot window, or the answer is of the past. */
  state: ProblemState | null;
  /** Events among those that were looked at. */
  count: number;
  firstAt: number;
  lastAt: number;
  /** Batch of the newest of them. */
  lastBatch: string;
}

export interface ErrorAnswer {
  position: string;
  instant: string | null;
  committedAt: number | null;
  newestEventAt: number | null;
  /** Events that answer, in what this answer looked at. */
  matches: number;
  /** Of these, so many newest were grouped. */
  grouped: number;
  /** The last that failed first. */
  problems: FoundProblem[];
  /** Problems that were left out by the limit. */
  others: number;
  /** Everything from here on was looked at, epoch ms; null = everything that there is. */
  searchedFrom: number | null;
  /** Goes into `after`; null when there is nothing older. */
  next: string | null;
}

/** Each different error costs its normalisation: beyond so many the newest are grouped and the others counted. */
const MOST_GROUPED = 5_000;
/** Rows of the lake that one answer looks at. */
const PIECE = 5_000;

/** @throws AppError bad-parameter, gone, engine-unavailable */
export async function searchErrors(app: App, feed: Feed, search: ErrorSearch): Promise<ErrorAnswer> {
  const fields = attemptFields(feed);
  if (fields === null || fields.errorMessage < 0)
    throw new AppError("bad-parameter", `The feed ${feed.name} has no errors to search in.`, { parameter: "feed" });
  return search.after === null ? searchWindow(app, fields, search) : searchBehind(app, fields, search, search.after);
}

async function searchWindow(app: App, fields: AttemptFields, search: ErrorSearch): Promise<ErrorAnswer> {
  const { feed } = fields;
  const picture = await app.live.picture(feed.name, search.head);
  const { floor, position, rows } = picture;
  const newest = rows[0];
  const found = new Found(app, fields, search);
  for (const row of rows) found.look(row);
  const reachesBehind = floor !== null && (search.from === null || search.from <= floor[0]);
  const next = reachesBehind ? nextOf(position, { eventTime: floor[0], key: floor[1] }) : null;
  return {
    ...{ position, instant: picture.instant, committedAt: picture.committedAt },
    newestEventAt: newest ? eventTimeOf(feed, newest) : null,
    ...found.answer(),
    searchedFrom: reachesBehind ? floor[0] : null,
    next,
  };
}

async function searchBehind(
  app: App,
  fields: AttemptFields,
  search: ErrorSearch,
  { position, place }: { position: string; place: RowPlace },
): Promise<ErrorAnswer> {
  const { feed } = fields;
  const filter = filterOf(fields, search);
  const { reader } = app.tables(feed.name);
  const at = await reader.resolve({ position });
  if (at.kind === "gone") throw gone(feed, at.oldestInstant);
  const answer = await reader.snapshot({ at: position, filter, limit: PIECE, after: place });
  if (answer.kind === "gone") throw gone(feed, answer.oldestInstant);
  const found = new Found(app, fields, search);
  for (const row of answer.rows) found.look(row);
  const last = answer.rows.length === PIECE ? answer.rows.at(-1)! : null;
  return {
    ...{ position, instant: at.instant, committedAt: at.committedAt, newestEventAt: null },
    ...found.answer(),
    searchedFrom: last && eventTimeOf(feed, last),
    next: last && nextOf(position, { eventTime: eventTimeOf(feed, last), key: keyOf(feed, last) }),
  };
}

/** What the engine can look for by itself: rows with an error that have the longest word somewhere. */
function filterOf(
  { errorMessage, pipelineName }: AttemptFields,
  { question, pipeline, from, to }: ErrorSearch,
): Filter {
  const columns: Filter["columns"][number][] = [{ field: errorMessage, negated: true, values: [null] }];
  if (pipeline !== null) columns.push({ field: pipelineName, negated: false, values: [pipeline] });
  return { from, to, text: question.terms.reduce((a, b) => (b.length > a.length ? b : a)), columns };
}

/** Collects rows, the newest first. */
class Found {
  readonly #fields: AttemptFields;
  readonly #search: ErrorSearch;
  readonly #regrouping: Regrouping;
  readonly #problems = new Map<string, FoundProblem>();
  readonly #texts = new Map<string, string>();
  #matches = 0;

  constructor(
    readonly app: App,
    fields: AttemptFields,
    search: ErrorSearch,
  ) {
    this.#fields = fields;
    this.#search = search;
    this.#regrouping = app.live.regroupingOf(fields.feed.name);
  }

  look(row: Row): void {
    const { errorMessage, pipelineName, feed } = this.#fields;
    const message = row[errorMessage] as string | null;
    if (message === null) return;
    const { question, pipeline, from, to } = this.#search;
    if (pipeline !== null && row[pipelineName] !== pipeline) return;
    const time = eventTimeOf(feed, row);
    if ((from !== null && time < from) || (to !== null && time >= to)) return;
    if (!answers(question, message)) return;
    if (++this.#matches <= MOST_GROUPED) this.#group(row, message, time);
  }

  #group(row: Row, message: string, time: number): void {
    const { pipelineName, stageName, correlationId } = this.#fields;
    const own = { pipelineName: row[pipelineName] as string, stageName: row[stageName] as string };
    const normalised = this.#texts.get(message) ?? normaliseError(message).text;
    this.#texts.set(message, normalised);
    const line = message.trimStart().split("\n", 1)[0]!;
    const { id } = this.#regrouping.place(problemId(own.pipelineName, own.stageName, normalised), line);
    const known = this.#problems.get(id);
    if (known) {
      known.count++;
      known.firstAt = time;
      return;
    }
    const hit = hitIn(this.#search.question, message);
    const lastBatch = row[correlationId] as string;
    this.#problems.set(id, { id, ...own, ...hit, state: null, count: 1, firstAt: time, lastAt: time, lastBatch });
  }

  answer(): Pick<ErrorAnswer, "matches" | "grouped" | "problems" | "others"> {
    const all = [...this.#problems.values()];
    const problems = all.slice(0, this.#search.limit);
    if (this.#search.head === null)
      for (const problem of problems) problem.state = this.app.live.problem(problem.id)?.problem.state ?? null;
    const grouped = Math.min(this.#matches, MOST_GROUPED);
    return { matches: this.#matches, grouped, problems, others: all.length - problems.length };
  }
}

const gone = (feed: Feed, oldest: string | null): AppError =>
  new AppError("gone", `What was searched of the feed ${feed.name} is no longer kept: search again.`, { oldest });
