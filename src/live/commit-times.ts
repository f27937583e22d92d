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

export class CommitTimes {
  readonly #reader: FeedReader;
  /** By tick. */
  readonly #counts = new Map<number, number>();
  readonly #hours = new Map<number, Promise<void>>();
  /** Commits up to here are asked of the lake, those after it are noted. */
  #since: Instant | null = null;

  constructor(reader: FeedReader) {
    this.#reader = reader;
  }

  /** Following begins (again) at a commit: what was noted before may have gaps. */
  begin(at: Instant | null): void {
    this.#counts.clear();
    this.#hours.clear();
    this.#since = at;
  }

  note(instant: Instant): void {
    this.#add(timeOf(instant));
  }

  /** Commits by tick; complete within a range once `known` of it has resolved. */
  get counts(): ReadonlyMap<number, number> {
    return this.#counts;
  }

  /** @throws what the reader throws */
  async known({ from, to }: TimeRange): Promise<void> {
    const since = this.#since;
    if (since === null) return;
    const end = Math.min(to, timeOf(since) + 1);
    for (let hour = Math.floor(from / HOUR_MS); hour * HOUR_MS < end; hour++)
      await (this.#hours.get(hour) ?? this.#hoursFrom(hour, Math.ceil(end / HOUR_MS), since));
  }

  /** Asks for the hours from one on that are not known, until one is, or `end`. */
  #hoursFrom(first: number, end: number, since: Instant): Promise<void> {
    let last = first;
    while (last + 1 < end && !this.#hours.has(last + 1) && last + 1 < first + HOURS_AT_ONCE) last++;
    const asked = this.#ask(first, last, since);
    for (let hour = first; hour <= last; hour++) {
      this.#hours.set(hour, asked);
      asked.catch(() => this.#hours.delete(hour));
    }
    while (this.#hours.size > MOST_HOURS) this.#forget(this.#hours.keys().next().value!);
    return asked;
  }

  /** From one hour to another, both included. */
  async #ask(firstHour: number, lastHour: number, since: Instant): Promise<void> {
    const last = instantAt((lastHour + 1) * HOUR_MS - 1);
    const instants = await this.#reader.instants({
      after: instantAt(firstHour * HOUR_MS - 1),
      until: last < since ? last : since,
      limit: (lastHour - firstHour + 1) * MOST_OF_HOUR,
    });
    // Following has begun again meanwhile: these are asked for again.
    if (this.#since !== since) return;
    for (const instant of instants) this.#add(timeOf(instant));
  }

  #add(ms: number): void {
    const tick = Math.floor(ms / TICK_MS);
    this.#counts.set(tick, (this.#counts.get(tick) ?? 0) + 1);
  }

  #forget(hour: number): void {
    this.#hours.delete(hour);
    const first = (hour * HOUR_MS) / TICK_MS;
    for (let tick = first; tick < first + HOUR_MS / TICK_MS; tick++) this.#counts.delete(tick);
  }
}
