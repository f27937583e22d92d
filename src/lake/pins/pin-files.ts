/**
 * Pins on disk: `<feed>_pins/<instant>.parquet` holds the hot window of its instant, `<instant>.json` what there is to say
 * about it. The JSON is written last and removed first, so that a pin is whole or not there.
 */
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { isInstant, type Instant } from "../../model/instant";
import type { FileSlice } from "../hudi/table";
import type { Pin, SnapshotQuery } from "../reader";
import type { Entry, Storage } from "../storage/storage";

/** What is kept of a pin beside its rows. */
export interface PinRecord extends Pin {
  /** Event time of the oldest row when older ones were left out, else null. */
  floor: number | null;
}

const record = z.object({
  instant: z.string().refine(isInstant),
  committedAt: z.number().nullable(),
  pinnedAt: z.number(),
  note: z.string(),
  rows: z.number(),
  floor: z.number().nullable(),
});

/**
 * Whether rows from a pin are the whole answer. A pin ends at its floor: a question that reaches below it is answered only when the
 * rows above were enough.
 *
 * @param found how many rows there were
 */
export const isInPin = (
  { floor }: Pick<PinRecord, "floor">,
  { filter, limit }: Pick<SnapshotQuery, "filter" | "limit">,
  found: number,
): boolean => floor === null || found >= limit || (filter.from !== null && filter.from > floor);

/** Nobody works on a temporary file for this long. */
const ABANDONED_MS = 600_000;

export class PinFiles {
  readonly #pins = new Map<Instant, PinRecord>();
  /** One change after the other: two of the same instant have the same files. */
  #turn: Promise<unknown> = Promise.resolve();

  #looking: Promise<void> | null = null;

  /** Epoch ms of the first look at each. */
  readonly #draftsSeen = new Map<string, number>();

  /** Told of already. */
  readonly #damaged = new Set<Instant>();

  private constructor(
    readonly storage: Storage,
    readonly folder: string,
    readonly onDamaged: (path: string) => void,
  ) {}

  /**
   * What a crash left half written is removed.
   *
   * @param onDamaged told once of each file that should describe a pin and does not. Its instant counts as not pinned, and
   *   nothing of it is touched: whoever mends the file has the pin back at the next look
   */
  static async open(storage: Storage, folder: string, onDamaged: (path: string) => void): Promise<PinFiles> {
    const pins = new PinFiles(storage, folder, onDamaged);
    await pins.refresh();
    return pins;
  }

  /** Finds what other processes have pinned and unpinned; those who ask during one look share it. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const known = [...this.#pins.keys()];
    const found = new Set<Instant>();
    for (const entry of await this.storage.list(this.folder)) {
      const { name } = entry;
      const path = `${this.folder}/${name}`;
      if (isDraft(name)) await this.#removeAbandoned(path, entry);
      const instant = /^(\d{17})\.json$/.exec(name)?.[1];
      if (instant === undefined) continue;
      found.add(instant);
      if (!this.#pins.has(instant)) await this.#read(instant, path);
    }
    for (const instant of known) if (!found.has(instant)) this.#pins.delete(instant);
  }

  /** A folder without a file in it tells no time: it is as old as our first look at it. */
  async #removeAbandoned(path: string, draft: Entry): Promise<void> {
    const seenAt = this.#draftsSeen.get(path) ?? Date.now();
    this.#draftsSeen.set(path, seenAt);
    const touchedAt = draft.isFolder ? ((await this.#newestIn(path)) ?? seenAt) : draft.modifiedAt;
    if (Date.now() - touchedAt <= ABANDONED_MS) return;
    this.#draftsSeen.delete(path);
    await (draft.isFolder ? this.storage.removeFolder(path) : this.storage.remove(path));
  }

  /** Epoch ms at which a file below it was written last. */
  async #newestIn(folder: string): Promise<number | null> {
    let newest: number | null = null;
    for (const { name, isFolder, modifiedAt } of await this.storage.list(folder)) {
      const touchedAt = isFolder ? await this.#newestIn(`${folder}/${name}`) : modifiedAt;
      if (touchedAt !== null && (newest === null || touchedAt > newest)) newest = touchedAt;
    }
    return newest;
  }

  async #read(instant: Instant, path: string): Promise<void> {
    const text = await this.#textOf(path);
    if (text === null) return; // unpinned meanwhile
    const pin = readRecord(text);
    if (pin !== null) {
      this.#damaged.delete(instant);
      this.#pins.set(instant, pin);
    } else if (!this.#damaged.has(instant)) {
      this.#damaged.add(instant);
      this.onDamaged(path);
    }
  }

  async #textOf(path: string): Promise<string | null> {
    try {
      return Buffer.from(await this.storage.read(path)).toString("utf8");
    } catch (error) {
      if (error instanceof AppError && error.code === "not-found") return null;
      throw error;
    }
  }

  get(instant: Instant): PinRecord | null {
    return this.#pins.get(instant) ?? null;
  }

  /** As `get`, and what another process has pinned just now is found. */
  async find(instant: Instant): Promise<PinRecord | null> {
    if (!this.#pins.has(instant)) await this.refresh();
    return this.get(instant);
  }

  /** Newest instant first. */
  all(): Pin[] {
    return [...this.#pins.values()]
      .map(({ instant, committedAt, pinnedAt, note, rows }) => ({ instant, committedAt, pinnedAt, note, rows }))
      .sort((a, b) => (a.instant < b.instant ? 1 : -1));
  }

  /** The rows of a pin as a slice that can be read like those of the state. */
  slice(instant: Instant): FileSlice {
    const name = `${instant}.parquet`;
    return { partition: "", fileId: name, instant, name, path: `${this.folder}/${name}`, bytes: 0 };
  }

  /**
   * Makes a pin of a file that an engine writes. What is pinned already keeps its rows, which may be nowhere else any more, and gets
   * the new note.
   *
   * @param write writes the rows to this path, relative to the storage's root, and says what it wrote
   */
  add(
    pin: Omit<PinRecord, "rows" | "floor">,
    write: (temporary: string) => Promise<Pick<PinRecord, "rows" | "floor">>,
  ): Promise<PinRecord> {
    return this.#inTurn(() => this.#add(pin, write));
  }

  /** @throws AppError not-found */
  remove(instant: Instant): Promise<void> {
    return this.#inTurn(() => this.#remove(instant));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined); // the caller has the error; the next in line does not care
    return done;
  }

  async #add(
    pin: Omit<PinRecord, "rows" | "floor">,
    write: (temporary: string) => Promise<Pick<PinRecord, "rows" | "floor">>,
  ): Promise<PinRecord> {
    const known = await this.find(pin.instant);
    if (known !== null) return this.#describe({ ...known, note: pin.note, pinnedAt: pin.pinnedAt });
    await this.storage.makeFolder(this.folder);
    const temporary = `${this.folder}/.${pin.instant}.parquet.tmp`;
    try {
      const whole = { ...pin, ...(await write(temporary)) };
      await this.storage.publish(temporary, this.slice(pin.instant).path);
      return await this.#describe(whole);
    } finally {
      await this.storage.remove(temporary);
    }
  }

  async #describe(pin: PinRecord): Promise<PinRecord> {
    await this.storage.write(this.#describing(pin.instant), Buffer.from(JSON.stringify(pin)));
    this.#pins.set(pin.instant, pin);
    return pin;
  }

  async #remove(instant: Instant): Promise<void> {
    if ((await this.find(instant)) === null)
      throw new AppError("not-found", `Nothing is pinned at ${JSON.stringify(instant)}.`);
    await this.storage.remove(this.#describing(instant));
    this.#pins.delete(instant);
    await this.storage.remove(this.slice(instant).path);
  }

  #describing(instant: Instant): string {
    return `${this.folder}/${instant}.json`;
  }
}

/** Whether a slice is the file of a pin. */
export const isPinned = ({ fileId, name }: FileSlice): boolean => fileId === name;

/** What an engine writes until it is whole: a file, or the folder that Spark makes. */
const isDraft = (name: string): boolean => name.endsWith(".tmp") || name.endsWith(".spark");

function readRecord(text: string): PinRecord | null {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return null; // the caller names the file
  }
}
