/** Which feeds have hours, and where they are kept. */
import type { Clock } from "../../clock";
import type { FeedReader } from "../../lake/reader";
import type { Log } from "../../log";
import { AppError } from "../../model/app-error";
import { attemptFields } from "../../model/attempt";
import type { Feed } from "../../model/feed";
import { hourRows } from "../../model/hours/pipeline-hour";
import type { Row } from "../../model/value";
import { HourKeeper, type HourPace } from "./hour-keeper";
import { HoursInMemory, KeptHours, type HourStore } from "./hour-store";

export interface HoursOptions {
  feeds: readonly Feed[];
  readerOf: (feed: Feed) => FeedReader;
  /** Keeps rows of a derived feed; returns when they are committed. */
  write: (feed: Feed, rows: readonly Row[]) => Promise<void>;
  /** Whether this process writes a feed. */
  leads: (feed: Feed) => boolean;
  clock: Clock;
  log: Log;
  pace?: HourPace;
}

/**
 * The keeper of each feed of attempts, by the feed's name. They read what is kept at once; rolling up waits for `start`.
 *
 * @throws AppError bad-parameter when a feed says that it is derived from one that it cannot be derived from
 */
export function openHours(options: HoursOptions): ReadonlyMap<string, HourKeeper> {
  const { feeds, readerOf, clock, log, pace } = options;
  for (const feed of feeds) checkDerived(feed, feeds);
  const keepers = new Map<string, HourKeeper>();
  for (const source of feeds) {
    const fields = attemptFields(source);
    if (!fields) continue;
    const kept = feeds.find(({ derivedFrom }) => derivedFrom === source.name);
    keepers.set(
      source.name,
      new HourKeeper({
        fields,
        reader: readerOf(source),
        store: kept ? keptIn(kept, options) : new HoursInMemory(),
        isLeading: () => kept === undefined || options.leads(kept),
        clock,
        log: log.child({ area: "hours" }),
        ...(pace && { pace }),
      }),
    );
  }
  return keepers;
}

const keptIn = (feed: Feed, { readerOf, write }: HoursOptions): HourStore =>
  new KeptHours(hourRows(feed)!, readerOf(feed), (rows) => write(feed, rows));

function checkDerived(feed: Feed, feeds: readonly Feed[]): void {
  if (feed.derivedFrom === null) return;
  const source = feeds.find(({ name }) => name === feed.derivedFrom);
  if (source && attemptFields(source) && hourRows(feed)) return;
  const why = source
    ? "it takes the fields of avro/PipelineHour.avsc, and a source whose events are attempts"
    : "there is no such feed";
  throw new AppError(
    "bad-parameter",
    `Feed ${feed.name} says that it is derived from ${JSON.stringify(feed.derivedFrom)}: ${why}.`,
  );
}
