/**
 * When a feed was committed to, for the line of time on pages. What is committed while the feed is followed is noted as it
 * comes; what was before is asked of the lake once, remembered by the hour, and never waited for by those who only look.
 */
import type { FeedReader } from "../lake/reader";
import { instantAt, timeOf, type Instant } from "../model/instant";
import { TICK_MS, type TimeRange } from "../model/time-line";

const HOUR_MS = 3_600_000;
/** An hour holds at most 7,200 commits of ours; others' may be a few more. */
const MOST_OF_HOUR = 20_000;
/** Five weeks. What is beyond is counted again when somebody looks. */
const MOST_HOURS = 840;
/** Hours that are asked for together. */
const HOURS_AT_ONCE = 24;

/** What is known since following began: what was asked before belongs to another one. */
interface Known {
  /** Commits up to here are asked of the lake, those after it are noted. Null before the first. */
  readonly since: Instant | null;
  /** By tick. */
  readonly counts: Map<number, number>;
  readonly hours: Map<number, Promise<void>>;
}

const knownSince = (since: Instant | null): Known => ({ since, counts: new Map(), hours: new Map() });

export class CommitTimes {
  readonly #reader: Pick<FeedReader, "instants">;
  #known = knownSince(null);

  constructor(reader: Pick<FeedReader, "instants">) {
    this.#reader = reader;
  }

  /** Following begins (again) at a commit: what was noted before may have gaps. */
  begin(at: Instant | null): void {
    this.#known = knownSince(at);
  }

  note(instant: Instant): void {
    add(this.#known, instant);
  }

  /** Commits by tick; complete within a range once `known` of it has resolved. */
  get counts(): ReadonlyMap<number, number> {
    return this.#known.counts;
  }

  /** @throws what the reader throws */
  async known(range: Pick<TimeRange, "from" | "to">): Promise<void> {
    const known = this.#known;
    const { since, hours } = known;
    if (since === null) return;
    const end = Math.min(range.to, timeOf(since) + 1);
    for (let hour = Math.floor(range.from / HOUR_MS); hour * HOUR_MS < end; hour++) {
      await (hours.get(hour) ?? this.#askFrom(known, since, hour, Math.ceil(end / HOUR_MS)));
      // Following has begun again meanwhile.
      if (this.#known !== known) return this.known(range);
    }
  }

  /** Asks for the hours from one on that are not known, until one is, or `end`. */
  #askFrom(known: Known, since: Instant, first: number, end: number): Promise<void> {
    const { hours } = known;
    let last = first;
    while (last + 1 < end && !hours.has(last + 1) && last + 1 < first + HOURS_AT_ONCE) last++;
    const asked = this.#ask(known, since, first, last);
    for (let hour = first; hour <= last; hour++) {
      hours.set(hour, asked);
      asked.catch(() => hours.delete(hour));
    }
    while (hours.size > MOST_HOURS) forget(known, hours.keys().next().value!);
    return asked;
  }

  /** From one hour to another, both included. */
  async #ask(known: Known, since: Instant, firstHour: number, lastHour: number): Promise<void> {
    const last = instantAt((lastHour + 1) * HOUR_MS - 1);
    const instants = await this.#reader.instants({
      after: instantAt(firstHour * HOUR_MS - 1),
      until: last < since ? last : since,
      limit: (lastHour - firstHour + 1) * MOST_OF_HOUR,
    });
    for (const instant of instants) add(known, instant);
  }
}

function add({ counts }: Known, instant: Instant): void {
  const tick = Math.floor(timeOf(instant) / TICK_MS);
  counts.set(tick, (counts.get(tick) ?? 0) + 1);
}

function forget({ counts, hours }: Known, hour: number): void {
  hours.delete(hour);
  const first = (hour * HOUR_MS) / TICK_MS;
  for (let tick = first; tick < first + HOUR_MS / TICK_MS; tick++) counts.delete(tick);
}
