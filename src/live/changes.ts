/** The answer of `changes`: what changed between two positions of a feed or a derived view. */
import type { FeedReader, Head } from "../lake/reader";
import { AppError } from "../model/app-error";
import type { Delta } from "../model/delta";
import type { Feed } from "../model/feed";
import { comparePositions, parsePosition, positionOf, type Position } from "../model/position";
import { parseSince, type Since } from "../model/since";
import type { Row } from "../model/value";
import type { FeedFollower } from "./follower";

export interface ChangesAnswer {
  from: Position;
  to: Position;
  schemaId: string;
  cols: string[];
  up: readonly Row[];
  del: readonly string[];
  /** Both ends were named by instants, not by the clock: the answer never changes. */
  isImmutable: boolean;
}

export interface ChangesSource {
  follower: FeedFollower;
  /** Null = the feed itself. */
  view: object | null;
  shape: Feed;
  viewChanges: (since: Head, until: Head) => Promise<Delta>;
}

/** Rows of one answer; the whole state beyond it is for `rows`, which streams. */
const MOST_ROWS = 100_000;

const FORMS = "a position, an instant of 17 digits, an ISO time or 0";

/** @throws AppError bad-parameter, gone, too-large */
export async function answerChanges(
  source: ChangesSource,
  sinceText: string | null,
  untilText: string | null,
): Promise<ChangesAnswer> {
  const { follower, view, shape } = source;
  if (sinceText === null) throw badParameter("since", `since is missing: it takes ${FORMS}.`);
  const since = parse("since", sinceText);
  const until = untilText === null ? null : parse("until", untilText);
  const { reader } = follower;
  const head = await reader.head();
  const from = await bound(source, "since", since, head);
  const to = until === null ? head : await bound(source, "until", until, head);
  if (comparePositions(from.position, to.position)! > 0) {
    throw badParameter("until", `until (${untilText ?? "the head"}) lies before since (${sinceText}).`);
  }
  const changes =
    view === null ? await feedChanges(reader, from.position, to.position) : await source.viewChanges(from, to);
  if (changes === "too-many" || changes.up.length > MOST_ROWS) {
    throw new AppError(
      "too-large",
      `More rows changed since ${sinceText} than the ${MOST_ROWS} of one answer: read rows?at=${to.instant ?? "0"} instead, or a shorter range.`,
    );
  }
  // Rules of people decide what a view is at an instant; a position names them.
  const isFixed = ({ kind }: Since) => kind === "position" || (view === null && kind !== "time");
  const isImmutable = until !== null && isFixed(since) && isFixed(until);
  const cols = shape.fields.map(({ name }) => name);
  const { up, del } = changes;
  return { from: changes.from, to: changes.to, schemaId: shape.schemaId, cols, up, del, isImmutable };
}

/** The feed's position that a derived position stands for; null when it is of another epoch. */
export function feedPosition(follower: FeedFollower, position: Position): Position | null {
  const own = positionOf(follower.reader.epoch, parsePosition(position)!);
  return follower.derivedPosition(own) === position ? own : null;
}

function parse(parameter: string, text: string): Since {
  const since = parseSince(text);
  if (since === null) throw badParameter(parameter, `${parameter} is ${JSON.stringify(text)}: it takes ${FORMS}.`);
  return since;
}

/** The commit of the feed that an end names. */
async function bound({ follower, view }: ChangesSource, parameter: string, since: Since, head: Head): Promise<Head> {
  const { reader } = follower;
  const start: Head = { position: positionOf(reader.epoch, null), instant: null, committedAt: null };
  if (since.kind === "start") return start;
  let at: Parameters<FeedReader["resolve"]>[0];
  if (since.kind === "position") {
    const own = view === null ? since.position : feedPosition(follower, since.position);
    const order = own === null ? null : comparePositions(own, head.position);
    if (own === null || order === null) {
      throw new AppError(
        "gone",
        `${since.position} is a position of another table or of other settings: load the page again.`,
        {
          oldest: await reader.reach(),
        },
      );
    }
    if (order > 0)
      throw badParameter(parameter, `${parameter} (${since.position}) lies after the head, ${head.position}.`);
    if (order === 0) return head;
    at = { position: own };
  } else if (since.kind === "instant") {
    if (head.instant !== null && since.instant > head.instant) {
      throw badParameter(parameter, `${parameter} (${since.instant}) lies after the head, ${head.instant}.`);
    }
    at = { instant: since.instant };
  } else at = { time: since.time };
  const resolved = await reader.resolve(at);
  if (resolved.kind === "gone") throw goneBefore(resolved.oldestInstant);
  const { position, instant, committedAt } = resolved;
  return { position, instant, committedAt };
}

async function feedChanges(reader: FeedReader, from: Position, to: Position): Promise<Delta | "too-many"> {
  if (from === to) return { from, to, up: [], del: [] };
  const changes = await reader.changes(from, to, MOST_ROWS);
  if (changes.kind === "delta") return changes;
  if (changes.kind === "too-many") return changes.kind;
  if (changes.kind === "gone") throw goneBefore(changes.oldestInstant);
  throw new AppError("gone", `${from} cannot be continued (${changes.reason}): load the page again.`, {
    oldest: await reader.reach(),
  });
}

const goneBefore = (oldest: string | null): AppError =>
  new AppError(
    "gone",
    `Changes from then are no longer kept: ${oldest === null ? "there is nothing yet" : `the oldest instant is ${oldest}`}.`,
    {
      oldest,
    },
  );

const badParameter = (parameter: string, message: string): AppError =>
  new AppError("bad-parameter", message, { parameter });
