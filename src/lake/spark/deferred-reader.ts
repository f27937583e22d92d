/** A reader that can be asked before its server was ever reached: every question opens it if that has not succeeded yet. */
import type { Row } from "../../model/value";
import type { FeedReader, SnapshotQuery } from "../reader";

export class DeferredReader<R extends FeedReader> implements FeedReader {
  #opening: Promise<R> | null = null;
  #open: R | null = null;

  constructor(
    private readonly openReader: () => Promise<R>,
    /** Until the reader itself can tell. */
    private readonly firstEpoch: string,
  ) {}

  get epoch(): string {
    return this.#open?.epoch ?? this.firstEpoch;
  }

  /** @throws what opening throws, of this try */
  reader(): Promise<R> {
    if (this.#opening === null) {
      const opening = this.openReader();
      this.#opening = opening;
      opening.then(
        (reader) => (this.#open = reader),
        () => (this.#opening = null),
      );
    }
    return this.#opening;
  }

  head: FeedReader["head"] = async () => (await this.reader()).head();
  resolve: FeedReader["resolve"] = async (at) => (await this.reader()).resolve(at);
  instants: FeedReader["instants"] = async (range) => (await this.reader()).instants(range);
  snapshot: FeedReader["snapshot"] = async (query) => (await this.reader()).snapshot(query);
  snapshotWithMeta: FeedReader["snapshotWithMeta"] = async (query) => (await this.reader()).snapshotWithMeta(query);
  count: FeedReader["count"] = async (query) => (await this.reader()).count(query);
  changes: FeedReader["changes"] = async (...range) => (await this.reader()).changes(...range);
  timeline: FeedReader["timeline"] = async (query) => (await this.reader()).timeline(query);
  history: FeedReader["history"] = async (key) => (await this.reader()).history(key);
  statistics: FeedReader["statistics"] = async () => (await this.reader()).statistics();
  reach: FeedReader["reach"] = async () => (await this.reader()).reach();

  async *scan(query: SnapshotQuery, signal: AbortSignal): AsyncGenerator<Row[]> {
    yield* (await this.reader()).scan(query, signal);
  }
}
