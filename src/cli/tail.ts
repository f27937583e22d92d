/**
 * `weir tail [filters]`: the newest rows of a feed, then every change as it is committed. Rows go to standard output; how old
 * what is shown is, and whether the link is there, to standard error.
 */
import { readClientConfig } from "../config";
import type { Link } from "../components/live/connection";
import { AppError } from "../model/app-error";
import { matcher } from "../model/filter";
import { filterOf, parseRowQuery } from "../model/row-query";
import type { Row } from "../model/value";
import { readOptions, wholeNumber } from "./arguments";
import { plainLine } from "./plain-text";
import { follow } from "./tail/follower";
import { describeFeed, newestRows, type Server } from "./tail/server-calls";
import { RowTable, rowJson } from "./tail/row-text";
import { UsageError } from "./usage";

interface TailOptions {
  server: Server;
  feed: string;
  /** As `rows` takes them, but `limit`, `at` and `after`. */
  filters: URLSearchParams;
  last: number;
  isJson: boolean;
}

const MOST_ROWS = 10_000;

/** Resolves with 0 when it is ended by Ctrl-C, or by whoever reads its output. @throws UsageError */
export async function tail(args: readonly string[]): Promise<number> {
  const options = readTailOptions(args);
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  // A reader that has seen enough (head) is no fault.
  process.stdout.once("error", end);
  let last = options.last;
  try {
    while (!stop.signal.aborted) {
      await showAndFollow(options, last, stop.signal);
      // What came in between is not known to be all: it is not shown as if it were.
      last = 0;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error instanceof AppError ? new UsageError(`weir tail: ${error.message}`) : error;
  }
  return 0;
}

async function showAndFollow(options: TailOptions, last: number, signal: AbortSignal): Promise<void> {
  const { server, filters, isJson } = options;
  const { feed, head, committedAt } = await describeFeed(server, options.feed, signal);
  const fits = () =>
    matcher(feed, filterOf(parseRowQuery(feed, filters, Date.now(), { limit: 1, maxLimit: 1 }), Date.now()));
  fits();
  const table = new RowTable(feed);
  const print = (row: Row) => void process.stdout.write(`${isJson ? rowJson(feed, row) : table.line(row)}\n`);
  const age = new Age(committedAt);
  let since = head;
  if (last > 0) {
    if (!isJson) process.stdout.write(`${table.header()}\n`);
    const params = new URLSearchParams([...filters, ["limit", String(last)]]);
    const { position, rows } = await newestRows(server, feed, params, signal);
    since = position;
    for (const row of rows.toReversed()) print(row);
  }
  const ended = await follow({
    server,
    feed: feed.name,
    schemaId: feed.schemaId,
    since,
    signal,
    onLink: (link, reason) => age.tell(link, reason),
    onDelta: (delta) => {
      age.committedAt = delta.at;
      for (const row of delta.up.filter(fits())) print(row);
    },
  });
  if (ended !== "closed")
    say(`the stream cannot be continued (${ended}): rows may be missing here; going on from the newest commit`);
}

/** Says when what is shown stops being the present, how old it is, and when it is the present again. */
class Age {
  committedAt: number | null;
  #lostAt: number | null = null;

  constructor(committedAt: number | null) {
    this.committedAt = committedAt;
  }

  tell(link: Link, reason: string | null): void {
    if (link.kind === "reconnecting" && this.#lostAt === null) {
      this.#lostAt = Date.now();
      say(
        `the link is lost (${plainLine(reason ?? "no answer")}); the newest commit shown is ${this.#ago()}; trying again`,
      );
    }
    if (link.kind !== "live") return;
    if (this.#lostAt === null) say(`live; the newest commit is ${this.#ago()}`);
    else say(`live again after ${seconds(Date.now() - this.#lostAt)}, nothing is missing`);
    this.#lostAt = null;
  }

  #ago(): string {
    return this.committedAt === null ? "none" : `${seconds(Date.now() - this.committedAt)} old`;
  }
}

const seconds = (ms: number): string => `${(Math.max(0, ms) / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;

const say = (sentence: string): void => void process.stderr.write(`weir: ${sentence}\n`);

/** @throws UsageError */
function readTailOptions(args: readonly string[]): TailOptions {
  const client = readClientConfig();
  const { values, positionals } = readOptions(
    "tail",
    args,
    {
      feed: { type: "string", default: "pipeline_events" },
      last: { type: "string", default: "10" },
      json: { type: "boolean", default: false },
      url: { type: "string" },
    },
    true,
  );
  const filters = new URLSearchParams();
  for (const filter of positionals) {
    const equals = filter.indexOf("=");
    const name = filter.slice(0, Math.max(0, equals));
    if (name === "" || ["limit", "at", "after"].includes(name)) {
      throw new UsageError(
        `weir tail follows the present and filters by column=value, column!=value, q=text, from= and to= (not ${JSON.stringify(filter)}).`,
      );
    }
    filters.append(name, filter.slice(equals + 1));
  }
  const url = values.url ?? client.url;
  if (!URL.canParse(url))
    throw new UsageError(`weir tail: the server's address is no address: ${JSON.stringify(url)}.`);
  return {
    server: { url, token: client.token },
    feed: values.feed,
    filters,
    last: wholeNumber("--last", values.last, 0, MOST_ROWS),
    isJson: values.json,
  };
}
