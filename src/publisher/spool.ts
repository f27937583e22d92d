/**
 * Events that wait on disk for the far end: a folder of small NDJSON files, each written whole, synced and then given its
 * name, so that a kill leaves files that are complete or not there. Names sort in the order in which the events were taken.
 *
 * Several processes may share a folder. A file is claimed by renaming it while it is sent; a claim whose process is gone, or
 * that is old, is taken over. Should two send the same file all the same, the far end drops what it has.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export interface SpoolOptions {
  /** Made when it is missing. One folder per feed and far end. */
  folder: string;
  /** Beyond it nothing more is taken. */
  maxBytes: number;
  now: () => number;
}

/** Events that were claimed for sending. */
export interface Claim {
  lines: readonly string[];
  files: readonly string[];
}

/** There is no more room in the spool. */
export class SpoolFullError extends Error {
  override readonly name = "SpoolFullError";
}

const WAITING = ".ndjson";
const CLAIMED = /^(.*)\.(\d+)-([0-9a-f]+)\.sending$/;
/** A claim is held for as long as one request with its retries takes. */
const CLAIM_MS = 10 * 60_000;
/** Beyond this many the folder itself becomes slow. */
const MAX_FILES = 100_000;

/** The spools of this process, so that one of them does not take another's claims for those of a process that died. */
const opened = new Set<string>();

export class Spool {
  readonly #options: SpoolOptions;
  readonly #id = randomBytes(4).toString("hex");
  /** Name (without the folder) to bytes, in the order of the names once sorted. */
  readonly #files = new Map<string, number>();
  #order: string[] = [];
  #bytes = 0;
  #tickets = 0;
  #lastTicketAt = 0;

  /** Finds what an earlier process left. @throws Error when the folder cannot be made or read */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    await mkdir(options.folder, { recursive: true });
    await spool.#find();
    return spool;
  }

  private constructor(options: SpoolOptions) {
    this.#options = options;
    opened.add(this.#id);
  }

  /** What it has claimed and not given back is for others to take. */
  close(): void {
    opened.delete(this.#id);
  }

  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The place in the order for events that are taken now, whenever they are written. */
  ticket(): string {
    this.#lastTicketAt = Math.max(this.#lastTicketAt, this.#options.now());
    const at = String(this.#lastTicketAt).padStart(14, "0");
    return `${at}-${String(this.#tickets++).padStart(9, "0")}-${process.pid}-${randomBytes(4).toString("hex")}`;
  }

  /** Resolves when the events would survive a loss of power. @throws SpoolFullError, or what the disk says */
  async put(ticket: string, lines: readonly string[]): Promise<void> {
    const { name, bytes } = this.#plan(ticket, lines);
    const part = `${this.#path(name)}.part`;
    try {
      const file = await open(part, "wx");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, this.#path(name));
      await this.#syncFolder();
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    this.#add(name, bytes.length);
  }

  /** The same for a process that is ending and can wait for nothing. */
  putNow(ticket: string, lines: readonly string[]): void {
    const { name, bytes } = this.#plan(ticket, lines);
    const part = `${this.#path(name)}.part`;
    const file = openSync(part, "wx");
    try {
      writeSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, this.#path(name));
    this.#add(name, bytes.length);
  }

  /** Claims the oldest events, at least one file and as many as fit. Null when nothing is left. */
  async claim(maxEvents: number, maxBytes: number): Promise<Claim | null> {
    const lines: string[] = [];
    const files: string[] = [];
    let bytes = 0;
    for (const name of this.#order.slice(0, maxEvents)) {
      const size = this.#files.get(name)!;
      if (files.length > 0 && (bytes + size > maxBytes || lines.length >= maxEvents)) break;
      const found = await this.#claimFile(name);
      if (found === null) continue;
      files.push(name);
      lines.push(...found);
      bytes += size;
    }
    return files.length === 0 ? null : { lines, files };
  }

  /** What was claimed need not be sent again. */
  async done(claim: Claim): Promise<void> {
    for (const name of claim.files) {
      await rm(this.#claimedPath(name), { force: true });
      this.#forget(name);
    }
  }

  /** What was claimed was not sent: it waits again. */
  async giveBack(claim: Claim): Promise<void> {
    for (const name of claim.files) {
      await ifThere(rename(this.#claimedPath(name), this.#path(name)));
    }
  }

  #plan(ticket: string, lines: readonly string[]): { name: string; bytes: Buffer } {
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    if (this.#bytes + bytes.length > this.#options.maxBytes || this.#files.size >= MAX_FILES) {
      throw new SpoolFullError(
        `The spool ${this.#options.folder} holds ${this.#bytes} bytes in ${this.#files.size} files; more than ${this.#options.maxBytes} bytes or ${MAX_FILES} files are not kept.`,
      );
    }
    return { name: `${ticket}${WAITING}`, bytes };
  }

  #add(name: string, bytes: number): void {
    this.#files.set(name, bytes);
    this.#bytes += bytes;
    // Nearly always the newest.
    const isNewest = this.#order.length === 0 || this.#order.at(-1)! < name;
    this.#order.push(name);
    if (!isNewest) this.#order.sort();
  }

  #forget(name: string): void {
    this.#bytes -= this.#files.get(name) ?? 0;
    this.#files.delete(name);
    if (this.#order[0] === name) this.#order.shift();
    else this.#order = this.#order.filter((other) => other !== name);
  }

  /** Null when somebody else has taken it. */
  async #claimFile(name: string): Promise<string[] | null> {
    const claimed = this.#claimedPath(name);
    if (!(await ifThere(rename(this.#path(name), claimed)))) {
      this.#forget(name);
      return null;
    }
    return (await readFile(claimed, "utf8")).split("\n").filter((line) => line !== "");
  }

  async #find(): Promise<void> {
    for (const entry of await readdir(this.#options.folder)) {
      const name = entry.endsWith(WAITING) ? entry : await this.#abandoned(entry);
      if (name === null) continue;
      const found = await stat(this.#path(name)).catch(nullIfGone);
      if (found !== null) this.#add(name, found.size);
    }
  }

  /** Takes over a claim that nobody holds any more. */
  async #abandoned(entry: string): Promise<string | null> {
    const [, name, pid, id = ""] = CLAIMED.exec(entry) ?? [];
    if (name === undefined) return null;
    const path = join(this.#options.folder, entry);
    const found = await stat(path).catch(nullIfGone);
    if (found === null) return null;
    const isHeld = isAlive(Number(pid), id) && this.#options.now() - found.ctimeMs < CLAIM_MS;
    return !isHeld && (await ifThere(rename(path, this.#path(name)))) ? name : null;
  }

  async #syncFolder(): Promise<void> {
    // Windows cannot open folders; its renames need no such help.
    if (process.platform === "win32") return;
    const folder = await open(this.#options.folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #path = (name: string) => join(this.#options.folder, name);
  #claimedPath = (name: string) => this.#path(`${name}.${process.pid}-${this.#id}.sending`);
}

function isAlive(pid: number, id: string): boolean {
  // An earlier process may have had this one's number.
  if (pid === process.pid) return opened.has(id);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function nullIfGone(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
  throw error;
}

/** Whether the file was still there. */
const ifThere = (work: Promise<void>): Promise<boolean> =>
  work.then(
    () => true,
    (error: unknown) => nullIfGone(error) !== null,
  );
