/**
 * The dead letters of one feed: events that could not be taken, kept with the reason and the bytes that were sent, until
 * somebody replays or deletes them. Under `<folder>/<feed>/`, one file per request that brought some:
 *
 *   a line of JSON, `{"entries": [{n, at, source, format, field, reason, bytes}, …]}`, then the bytes of each in that order.
 *
 * Bound: `MAX_COUNT` letters or `MAX_BYTES`. At the bound nothing is dropped: what would need a new letter is refused
 * (staging-full), so its sender keeps it; bodies without bad events pass as ever.
 */
import type { Logger } from "pino";
import { z } from "zod";
import type { Clock } from "../clock";
import type { Storage } from "../lake/storage/storage";
import { AppError } from "../model/app-error";
import { isInstant, nextInstant, type Instant } from "../model/instant";
import type { Raw, Rejected } from "./batch";

export interface DeadLetter {
  /** Safe as a path segment; made here, never from what was sent. */
  id: string;
  /** Epoch ms. */
  at: number;
  /** How it came in: `http`, or `pubsub` with the message's id. */
  source: string;
  field: string | null;
  reason: string;
  /** Size of what was sent. */
  bytes: number;
}

export interface DeadLetterOptions {
  /** Name of the feed. */
  feed: string;
  storage: Storage;
  /** Of the dead letters of all feeds, in the storage. */
  folder: string;
  clock: Clock;
  log: Logger;
  randomBytes(size: number): Buffer;
  maxCount?: number;
  maxBytes?: number;
}

const MAX_COUNT = 20_000;
const MAX_BYTES = 256 * 1024 * 1024;
const RETRY_AFTER_MS = 60_000;
const NAME = /^(\d{17}-[0-9a-f]{8})\.letters$/;
const ID = /^(\d{17}-[0-9a-f]{8})-(\d{1,6})$/;

const entry = z.object({
  n: z.number().int().nonnegative(),
  at: z.number(),
  source: z.string(),
  format: z.enum(["json", "ndjson", "avro"]),
  field: z.string().nullable(),
  reason: z.string(),
  bytes: z.number().int().nonnegative(),
});
const fileHeader = z.object({ entries: z.array(entry) });
type Entry = z.infer<typeof entry>;

export class DeadLetters {
  /** Per file (its name without ending), oldest first. */
  private readonly files = new Map<string, Entry[]>();
  private count = 0;
  private bytes = 0;
  private last: Instant | null = null;
  /** Changes of a file follow each other; two deletions at once would otherwise each keep what the other removed. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: DeadLetterOptions) {}

  /** Counts what is there; temporary files of a crash are removed. */
  static async open(options: DeadLetterOptions): Promise<DeadLetters> {
    const letters = new DeadLetters(options);
    await letters.load();
    return letters;
  }

  private get folder(): string {
    return `${this.options.folder}/${this.options.feed}`;
  }

  private path(stem: string): string {
    return `${this.folder}/${stem}.letters`;
  }

  private async load(): Promise<void> {
    const { storage, log } = this.options;
    const entries = await storage.list(this.folder);
    for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const stem = NAME.exec(name)?.[1];
      if (name.endsWith(".tmp")) await storage.remove(`${this.folder}/${name}`);
      else if (!stem || !isInstant(stem.slice(0, 17)))
        log.warn({ folder: this.folder, name }, "not a file of dead letters");
      else {
        this.last = stem.slice(0, 17);
        this.remember(stem, await this.readEntries(stem));
      }
    }
  }

  private async readEntries(stem: string): Promise<Entry[]> {
    try {
      return (await this.readFile(stem)).entries;
    } catch (error) {
      this.options.log.error({ err: error, name: stem }, "a file of dead letters cannot be read and is left as it is");
      return [];
    }
  }

  get size(): number {
    return this.count;
  }

  /** @throws AppError staging-full when these would pass the bound */
  refuseWhenFull(rejected: readonly Rejected[]): void {
    const { feed, maxCount = MAX_COUNT, maxBytes = MAX_BYTES } = this.options;
    const added = rejected.reduce((sum, { raw }) => sum + raw.bytes.length, 0);
    if (this.count + rejected.length <= maxCount && this.bytes + added <= maxBytes) return;
    throw new AppError(
      "staging-full",
      `The dead letters of feed ${feed} are full (${this.count} of ${maxCount}, ${this.bytes} of ${maxBytes} bytes): replay or delete some, or send the good events alone.`,
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }

  /**
   * Keeps what was rejected, durably, and returns the ids in the same order.
   *
   * @param source how all of it came in, or how each did
   */
  async add(rejected: readonly Rejected[], source: string | readonly string[]): Promise<string[]> {
    if (rejected.length === 0) return [];
    this.refuseWhenFull(rejected);
    const { clock, storage, randomBytes } = this.options;
    const at = clock.now();
    this.last = nextInstant(at, this.last);
    const stem = `${this.last}-${randomBytes(4).toString("hex")}`;
    const entries = rejected.map(({ field, reason, raw }, n): Entry => {
      const from = typeof source === "string" ? source : source[n]!;
      return { n, at, source: from, format: raw.format, field, reason, bytes: raw.bytes.length };
    });
    await storage.write(
      this.path(stem),
      encodeFile(
        entries,
        rejected.map(({ raw }) => raw.bytes),
      ),
    );
    this.remember(stem, entries);
    return entries.map(({ n }) => `${stem}-${n}`);
  }

  /**
   * Newest first.
   *
   * @param after the id that a previous page gave as `next`
   * @throws AppError bad-parameter
   */
  list(limit: number, after: string | null): { deadLetters: DeadLetter[]; next: string | null } {
    const start = after === null ? null : ID.exec(after);
    if (after !== null && !start)
      throw new AppError("bad-parameter", `after=${JSON.stringify(after.slice(0, 80))} is no id of a dead letter.`, {
        parameter: "after",
      });
    const page: DeadLetter[] = [];
    for (const [stem, entries] of [...this.files].reverse()) {
      if (start && stem > start[1]!) continue;
      for (const one of entries.toReversed()) {
        if (start && stem === start[1] && one.n >= Number(start[2])) continue;
        if (page.length === limit) return { deadLetters: page, next: page.at(-1)!.id };
        page.push(describe(stem, one));
      }
    }
    return { deadLetters: page, next: null };
  }

  /** What was sent. @throws AppError not-found */
  async read(id: string): Promise<{ letter: DeadLetter; raw: Raw }> {
    const { stem, found } = this.find(id);
    const { entries, parts } = await this.readFile(stem);
    const bytes = parts[entries.findIndex(({ n }) => n === found.n)];
    if (!bytes) throw notFound(id);
    return { letter: describe(stem, found), raw: { format: found.format, bytes } };
  }

  /** @returns what it was @throws AppError not-found */
  async remove(id: string): Promise<DeadLetter> {
    const done = this.turn.then(() => this.removeNow(id));
    this.turn = done.catch(() => undefined); // the caller has the error; the next in line does not care
    return done;
  }

  private async removeNow(id: string): Promise<DeadLetter> {
    const { stem, found } = this.find(id);
    const { storage } = this.options;
    const { entries, parts } = await this.readFile(stem);
    const left = entries.filter(({ n }) => n !== found.n);
    if (left.length === 0) await storage.remove(this.path(stem));
    else
      await storage.write(
        this.path(stem),
        encodeFile(
          left,
          parts.filter((_, i) => entries[i]!.n !== found.n),
        ),
      );
    this.forget(stem);
    this.remember(stem, left);
    return describe(stem, found);
  }

  private find(id: string): { stem: string; found: Entry } {
    const match = ID.exec(id);
    const found = match && this.files.get(match[1]!)?.find(({ n }) => n === Number(match[2]));
    if (!match || !found) throw notFound(id);
    return { stem: match[1]!, found };
  }

  private async readFile(stem: string): Promise<{ entries: Entry[]; parts: Buffer[] }> {
    const file = await this.options.storage.read(this.path(stem));
    const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
    const newline = bytes.indexOf(10);
    const { entries } = fileHeader.parse(JSON.parse(bytes.toString("utf8", 0, Math.max(0, newline))));
    let start = newline + 1;
    const parts = entries.map((one) => bytes.subarray(start, (start += one.bytes)));
    if (start !== bytes.length) throw new Error(`${stem} has ${bytes.length} bytes where its entries say ${start}.`);
    return { entries, parts };
  }

  /** Replaces in place, so that the order of the files stays the order of arrival. */
  private remember(stem: string, entries: Entry[]): void {
    if (entries.length === 0) {
      this.files.delete(stem);
      return;
    }
    this.files.set(stem, entries);
    this.count += entries.length;
    this.bytes += sizeOf(entries);
  }

  private forget(stem: string): void {
    const entries = this.files.get(stem) ?? [];
    this.count -= entries.length;
    this.bytes -= sizeOf(entries);
  }
}

const sizeOf = (entries: readonly Entry[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0);

const describe = (stem: string, { n, at, source, field, reason, bytes }: Entry): DeadLetter => ({
  id: `${stem}-${n}`,
  at,
  source,
  field,
  reason,
  bytes,
});

const notFound = (id: string) =>
  new AppError("not-found", `There is no dead letter ${JSON.stringify(id.slice(0, 80))}.`);

const encodeFile = (entries: readonly Entry[], parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify({ entries })}\n`), ...parts]);
