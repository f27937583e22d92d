/**
 * The staging area of one feed: what was acknowledged and is not yet in the tables, as Avro container files under
 * `<folder>/<feed>/`. A row is staged when the file that holds it is durable; only then may its sender be told.
 *
 * Shared fsync: everything that arrives while a file is being written goes into the next one, so the number of writes
 * follows the disk, not the number of requests. Names grow with arrival (also when the clock steps back), so that the
 * files in the order of their names are the events in the order in which they were taken.
 */
import type { Clock } from "../clock";
import type { StagedFile } from "../lake/writer";
import type { Storage } from "../lake/storage/storage";
import { AppError } from "../model/app-error";
import type { Feed } from "../model/feed";
import { instantMs, isInstant, nextInstant, type Instant } from "../model/instant";
import type { Row } from "../model/value";
import type { EncodeFile } from "./avro/encode";
import type { Logger } from "pino";

export interface Staged extends StagedFile {
  events: number;
  bytes: number;
  /** Epoch ms, from the name. */
  at: number;
}

export interface StagingStatus {
  events: number;
  bytes: number;
  /** Epoch ms of the oldest staged file; null when nothing is staged. */
  oldestAt: number | null;
}

export interface StagingOptions {
  feed: Feed;
  storage: Storage;
  /** Of the staging areas of all feeds, in the storage. */
  folder: string;
  clock: Clock;
  log: Logger;
  /** Bytes: beyond it nothing more is taken. */
  maxBytes: number;
  encode: EncodeFile;
  /** The rows of a staged file that is not in memory any more. */
  decode(bytes: Buffer): Row[];
  randomBytes(size: number): Buffer;
  /** Called whenever this process has staged a file. */
  onStaged(file: string, rows: readonly Row[]): void;
  /** Called when files were found that others have staged. */
  onFound(): void;
  /** Called when a file is staged no more: committed, by whomever. */
  onGone(file: string): void;
  /** Other processes stage into the same folder, and one of them commits. */
  isShared?: boolean;
}

/** Rows of one file: what a commit can take as a whole. */
export const MAX_FILE_ROWS = 10_000;
/** Bytes of the bodies that one file gathers, unless one body alone is more. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Rows that are kept decoded, so that a commit need not read back what has just been written. */
const MAX_KEPT_ROWS = 50_000;
const RETRY_AFTER_MS = 5_000;
const NAME = /^(\d{17})-(\d{1,9})-[0-9a-f]{8}\.avro$/;
const SYNC_BYTES = 16;

interface Waiting {
  rows: readonly Row[];
  bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Nobody writes at a temporary file for this long. */
const ABANDONED_MS = 600_000;

export class Staging {
  /** In the order of their names. */
  private files = new Map<string, Staged>();
  /** What is being written: it may be on the disk already. */
  private draft: string | null = null;
  /** What is being removed from the disk. */
  private readonly removing = new Set<string>();
  /** What a look that is under way may still find though it is gone; null when none is. */
  private removed: Set<string> | null = null;
  private looking: Promise<void> | null = null;
  private readonly kept = new Map<string, readonly Row[]>();
  private keptRows = 0;
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  private stagedBytes = 0;
  private stagedEvents = 0;
  private last: Instant | null = null;
  private writing: Promise<void> | null = null;
  private isClosed = false;

  private constructor(private readonly options: StagingOptions) {}

  /** Finds what an earlier process left: files are staged, temporary files are removed. */
  static async open(options: StagingOptions): Promise<Staging> {
    const staging = new Staging(options);
    await staging.load();
    return staging;
  }

  private get folder(): string {
    return `${this.options.folder}/${this.options.feed.name}`;
  }

  private async load(): Promise<void> {
    const { storage, log, isShared } = this.options;
    const entries = await storage.list(this.folder);
    for (const { name, bytes, modifiedAt } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const match = NAME.exec(name);
      // Another process may be writing it.
      const isLeft = !isShared || Date.now() - modifiedAt > ABANDONED_MS;
      if (match && isInstant(match[1]!)) this.add(name, match[1]!, Number(match[2]), bytes);
      else if (!name.endsWith(".tmp"))
        log.warn({ folder: this.folder, name }, "a file in the staging area is not ours and is left alone");
      else if (isLeft) await storage.remove(`${this.folder}/${name}`);
    }
  }

  /** Finds what other processes have staged, and forgets what they have committed. Looks at the same time are one. */
  look(): Promise<void> {
    this.looking ??= this.compare().finally(() => {
      this.looking = null;
      this.removed = null;
    });
    return this.looking;
  }

  private async compare(): Promise<void> {
    const known = new Set(this.files.keys());
    const removed = (this.removed = new Set(this.removing));
    const entries = await this.options.storage.list(this.folder);
    const present = new Set(entries.map(({ name }) => name));
    for (const name of known) if (!present.has(name)) this.drop(name);
    let isNew = false;
    for (const { name, bytes } of entries) {
      const match = NAME.exec(name);
      if (!match || !isInstant(match[1]!) || name === this.draft) continue;
      if (this.files.has(name) || removed.has(name)) continue;
      this.add(name, match[1]!, Number(match[2]), bytes);
      isNew = true;
    }
    if (!isNew) return;
    this.files = new Map([...this.files].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.options.onFound();
  }

  /** Counts a file no more. */
  private drop(name: string): Staged | null {
    const file = this.files.get(name);
    if (!file) return null;
    this.files.delete(name);
    this.removed?.add(name);
    this.stagedBytes -= file.bytes;
    this.stagedEvents -= file.events;
    this.forget(name);
    this.options.onGone(name);
    return file;
  }

  status(): StagingStatus {
    const oldest = this.files.values().next();
    return { events: this.stagedEvents, bytes: this.stagedBytes, oldestAt: oldest.done ? null : oldest.value.at };
  }

  /** All staged files, oldest first. */
  list(): Staged[] {
    return [...this.files.values()];
  }

  get isEmpty(): boolean {
    return this.files.size === 0;
  }

  /**
   * Returns when the rows are durable.
   *
   * @param bytes about how much they are, for the bound: the size of the body that they came in
   * @throws AppError staging-full, disk-full: none of the rows may be acknowledged
   */
  async stage(rows: readonly Row[], bytes: number): Promise<void> {
    this.refuseWhenFull(bytes);
    const chunks: Promise<void>[] = [];
    for (let start = 0; start < rows.length; start += MAX_FILE_ROWS) {
      const part = rows.slice(start, start + MAX_FILE_ROWS);
      chunks.push(this.enqueue(part, Math.ceil((bytes * part.length) / rows.length)));
    }
    this.writing ??= this.writeAll();
    // All of them are waited for, so that an answer is given when nothing of the request is under way any more.
    const failed = (await Promise.allSettled(chunks)).find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** @throws AppError staging-full when `bytes` more would pass the bound */
  refuseWhenFull(bytes: number): void {
    if (this.isClosed) throw new AppError("staging-full", "The server is stopping; send this again.", retry());
    const { maxBytes, feed } = this.options;
    const used = this.stagedBytes + this.waitingBytes;
    if (used + bytes <= maxBytes) return;
    throw new AppError(
      "staging-full",
      `Feed ${feed.name} has ${used} bytes waiting for the tables, of ${maxBytes} (WEIR_STAGING_MAX); send this again later.`,
      retry(),
    );
  }

  /** Removes files that the tables hold. A file that cannot be removed is listed no more and goes at the next start. */
  async remove(names: Iterable<string>): Promise<void> {
    await Promise.all(
      [...names].map(async (name) => {
        const file = this.drop(name);
        if (!file) return;
        this.removing.add(name);
        try {
          await this.options.storage.remove(file.path);
        } catch (error) {
          this.options.log.warn({ err: error, name }, "a committed staged file could not be removed");
        } finally {
          this.removing.delete(name);
        }
      }),
    );
  }

  /** Takes nothing more, and returns when what was being written is written. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.writing;
  }

  private enqueue(rows: readonly Row[], bytes: number): Promise<void> {
    this.waitingBytes += bytes;
    return new Promise((resolve, reject) => this.waiting.push({ rows, bytes, resolve, reject }));
  }

  private async writeAll(): Promise<void> {
    // Requests that were read in the same turn share the first file too.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.writeOne(this.nextGroup());
    this.writing = null;
  }

  private nextGroup(): Waiting[] {
    let rows = 0;
    let bytes = 0;
    const fits = this.waiting.findIndex(
      (one) => (rows += one.rows.length) > MAX_FILE_ROWS || (bytes += one.bytes) > MAX_FILE_BYTES,
    );
    return this.waiting.splice(0, fits < 0 ? this.waiting.length : Math.max(1, fits));
  }

  private async writeOne(group: Waiting[]): Promise<void> {
    const { storage, clock, encode, randomBytes } = this.options;
    const rows = group.length === 1 ? group[0]!.rows : group.flatMap((one) => one.rows);
    try {
      const instant = nextInstant(clock.now(), this.last);
      const name = `${instant}-${rows.length}-${randomBytes(4).toString("hex")}.avro`;
      const bytes = encode(rows, randomBytes(SYNC_BYTES));
      this.draft = name;
      await storage.write(`${this.folder}/${name}`, bytes);
      this.keep(name, rows);
      this.add(name, instant, rows.length, bytes.length);
      for (const one of group) one.resolve();
      this.options.onStaged(name, rows);
    } catch (error) {
      for (const one of group) one.reject(error);
    } finally {
      this.draft = null;
      for (const one of group) this.waitingBytes -= one.bytes;
    }
  }

  private add(name: string, instant: Instant, events: number, bytes: number): void {
    const path = `${this.folder}/${name}`;
    const rows = async () => this.kept.get(name) ?? this.readBack(path);
    this.files.set(name, { name, path, events, bytes, at: instantMs(instant) ?? 0, rows });
    this.stagedBytes += bytes;
    this.stagedEvents += events;
    if (this.last === null || instant > this.last) this.last = instant;
  }

  private async readBack(path: string): Promise<Row[]> {
    const bytes = await this.options.storage.read(path);
    return this.options.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  /** Newest files stay: after an outage they are committed first, and in calm weather there are no others. */
  private keep(name: string, rows: readonly Row[]): void {
    this.kept.set(name, rows);
    this.keptRows += rows.length;
    for (const [oldest] of this.kept) {
      if (this.keptRows <= MAX_KEPT_ROWS) break;
      this.forget(oldest);
    }
  }

  private forget(name: string): void {
    this.keptRows -= this.kept.get(name)?.length ?? 0;
    this.kept.delete(name);
  }
}

const retry = () => ({ retryAfterMs: RETRY_AFTER_MS });
