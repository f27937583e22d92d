/**
 * One Hudi table (copy on write): its properties, its timeline and its file slices, read once and kept. The writer of a
 * table tells it of each commit that completed; `refresh` reads everything again when somebody else may have written.
 *
 * Everything here is of whole commits: a slice is listed only when its commit is complete (notes on the visibility rule at
 * `isCommitted`). Nothing here knows an engine.
 */
import type { Instant } from "../../model/instant";
import { AppError } from "../../model/app-error";
import type { Entry, Storage } from "../storage/storage";
import { parseBaseFile } from "./base-file";
import { COMMITTED_AT, parseCommitMetadata, type CommitMetadata } from "./commit-metadata";
import { archivedDropPath, archivedDrops, dropOf, inOrder, type Drop } from "./drops";
import type { WriteTerm } from "./fence";
import { createProperties, readProperties, type TableDefinition, type TableProperties } from "./table-properties";
import { byInstant, isPending, isWrite, readTimeline, type TimelineInstant } from "./timeline";

export interface FileSlice {
  /** Relative partition path, `event_date=2026-11-21`; empty for tables without partitions. */
  partition: string;
  fileId: string;
  instant: Instant;
  name: string;
  /** Relative to the storage's root. */
  path: string;
  bytes: number;
}

export const PARTITION_METADATA = ".hoodie_partition_metadata";
/** Bodies of completed commits that are kept in memory; they never change. */
const METADATA_KEPT = 256;

export class HudiTable {
  #properties: TableProperties;
  #instants: readonly TimelineInstant[] = [];
  /** Committed slices per `<partition>/<fileId>`, oldest first. */
  #groups = new Map<string, FileSlice[]>();
  #partitions = new Set<string>();
  /** The earliest completed replacecommit per `<partition>/<fileId>`. */
  #replaced = new Map<string, Instant>();
  #drops: readonly Drop[] = [];
  #newest: readonly FileSlice[] | null = null;
  readonly #metadata = new Map<string, Promise<CommitMetadata>>();
  /** Where several processes take turns at writing the table: what lets this one, and ends. */
  openTerm: (() => WriteTerm) | null = null;

  private constructor(
    readonly storage: Storage,
    readonly folder: string,
    properties: TableProperties,
  ) {
    this.#properties = properties;
  }

  /**
   * Null when the folder holds no table.
   *
   * @throws AppError read-only when it is a table of a kind that cannot be read
   */
  static async open(storage: Storage, folder: string): Promise<HudiTable | null> {
    const properties = await readProperties(storage, folder);
    if (properties === null) return null;
    const table = new HudiTable(storage, folder, properties);
    await table.refresh();
    return table;
  }

  /** Makes the table, or opens the one that is there. */
  static async create(storage: Storage, folder: string, definition: TableDefinition): Promise<HudiTable> {
    const existing = await HudiTable.open(storage, folder);
    if (existing) return existing;
    await createProperties(storage, folder, definition);
    const made = await HudiTable.open(storage, folder);
    if (made === null) throw new Error(`The table in ${folder} vanished while it was made.`);
    return made;
  }

  get properties(): TableProperties {
    return this.#properties;
  }

  /** Every action of the active timeline in its highest state, oldest first. */
  get instants(): readonly TimelineInstant[] {
    return this.#instants;
  }

  /** Completed commits and replacecommits, oldest first. */
  completedWrites(): TimelineInstant[] {
    return this.#instants.filter((instant) => instant.state === "COMPLETED" && isWrite(instant));
  }

  /** Instant of the newest completed commit, or null. */
  get head(): Instant | null {
    return this.#instants.findLast((instant) => instant.state === "COMPLETED" && isWrite(instant))?.instant ?? null;
  }

  /** Partition paths that have data or had it. */
  get partitions(): ReadonlySet<string> {
    return this.#partitions;
  }

  /** The newest committed slice at or before `asOf` of every group that was not replaced by then. */
  slices(asOf?: Instant): readonly FileSlice[] {
    if (asOf === undefined || (this.head !== null && asOf >= this.head)) {
      this.#newest ??= this.#slicesAt(null);
      return this.#newest;
    }
    return this.#slicesAt(asOf);
  }

  /** Of every group that was not replaced by `asOf` the newest slice that is on disk, which may be younger. */
  slicesOfGroups(asOf: Instant): readonly FileSlice[] {
    return this.#slicesAt(null, asOf);
  }

  /** The newest committed slice of a group, or null. */
  newestSlice(partition: string, fileId: string): FileSlice | null {
    return this.#groups.get(groupKey({ partition, fileId }))?.at(-1) ?? null;
  }

  /** Every committed slice that is on disk, superseded and replaced ones too. */
  allSlices(): readonly FileSlice[] {
    return [...this.#groups.values()].flat();
  }

  /** The instant at which a group was replaced, or null. */
  replacedAt(slice: Pick<FileSlice, "partition" | "fileId">): Instant | null {
    return this.#replaced.get(groupKey(slice)) ?? null;
  }

  /** Rows that left for their age, as far as it matters to readers, oldest first. */
  get drops(): readonly Drop[] {
    return this.#drops;
  }

  /** The newest replacecommit of which a replaced group is gone from the disk: earlier positions cannot be read from slices. */
  replacedUntil(): Instant | null {
    let until: Instant | null = null;
    for (const [key, instant] of this.#replaced) {
      if ((until === null || instant > until) && !this.#groups.has(key)) until = instant;
    }
    return until;
  }

  /** The body of a completed commit or replacecommit of the active timeline. */
  commitMetadata(instant: TimelineInstant): Promise<CommitMetadata> {
    let known = this.#metadata.get(instant.file);
    if (known === undefined) {
      known = this.storage.read(this.timelinePath(instant.file)).then(parseCommitMetadata);
      known.catch(() => this.#metadata.delete(instant.file));
      this.#remember(instant.file, known);
    }
    return known;
  }

  /**
   * Epoch ms at which an action completed, null while it is pending. A commit of ours says it by itself: the time of its file
   * is the machine's, and is lost when the table is copied.
   */
  async completedAt(found: TimelineInstant): Promise<number | null> {
    if (found.completedAt === null || !isWrite(found)) return found.completedAt;
    const metadata = await this.commitMetadata(found).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "not-found") return null; // archived since it was listed
      throw error;
    });
    const told = Number(metadata?.extra.get(COMMITTED_AT) ?? NaN);
    return Number.isSafeInteger(told) ? told : found.completedAt;
  }

  /** Storage path of a file in the timeline's folder. */
  timelinePath(file: string): string {
    return `${this.folder}/${this.#properties.timelineFolder}/${file}`;
  }

  /** Reads properties, timeline and files again. */
  async refresh(): Promise<void> {
    (await this.#read())();
  }

  /** Whether a commit is begun and not completed at present, as the disk tells it. */
  async hasPendingWrites(): Promise<boolean> {
    return (await this.#readTimeline()).some(isPending);
  }

  async #readTimeline(folder = this.#properties.timelineFolder): Promise<TimelineInstant[]> {
    return readTimeline(await this.storage.list(`${this.folder}/${folder}`));
  }

  /**
   * What another process of ours has written since: commits are taken from the timeline alone, files are looked at again only
   * after something else happened. The answer shows it all at once, so that two tables can be brought forward together.
   */
  async readNewer(): Promise<() => void> {
    const instants = await this.#readTimeline();
    const known = new Set(this.completedFiles());
    const fresh = instants.filter(({ state, file }) => state === "COMPLETED" && !known.has(file));
    if (fresh.some(({ action }) => action !== "commit")) return this.#read();
    try {
      const metadata = await Promise.all(fresh.map((instant) => this.commitMetadata(instant)));
      return () => {
        for (const [i, instant] of fresh.entries()) {
          this.noteCommit(instant, metadata[i]!, this.#slicesOf(instant.instant, metadata[i]!));
        }
        this.#instants = instants;
        this.#newest = null;
      };
    } catch (error) {
      if (error instanceof AppError && error.code === "not-found") return this.#read(); // archived meanwhile
      throw error;
    }
  }

  completedFiles(): string[] {
    return this.#instants.flatMap(({ state, file }) => (state === "COMPLETED" ? [file] : []));
  }

  #slicesOf(instant: Instant, { writeStats }: CommitMetadata): FileSlice[] {
    return writeStats.map(({ partitionPath: partition, fileId, path, fileSizeInBytes: bytes }) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      return { partition, fileId, instant, name, path: `${this.folder}/${path}`, bytes };
    });
  }

  async #read(): Promise<() => void> {
    const properties = await readProperties(this.storage, this.folder);
    // Timeline first: a commit that completes meanwhile is then not known yet, and its files are not taken as committed.
    const instants = await this.#readTimeline(properties?.timelineFolder);
    const replaced = new Map<string, Instant>();
    const drops = new Map<Instant, Drop>();
    for (const instant of await archivedDrops(this.storage, this.folder)) {
      const metadata = parseCommitMetadata(await this.storage.read(archivedDropPath(this.folder, instant)));
      addReplaced(replaced, instant, metadata);
      addDrop(drops, instant, null, metadata);
    }
    for (const instant of instants) {
      if (instant.action !== "replacecommit" || instant.state !== "COMPLETED") continue;
      const metadata = await this.commitMetadata(instant);
      addReplaced(replaced, instant.instant, metadata);
      addDrop(drops, instant.instant, instant.completedAt, metadata);
    }
    const isCommitted = committedBy(instants);
    const groups = new Map<string, FileSlice[]>();
    const partitions = new Set<string>();
    for await (const { partition, entries } of walkPartitions(this.storage, this.folder, "")) {
      partitions.add(partition);
      for (const entry of entries) {
        const slice = this.#sliceOf(partition, entry);
        if (slice === null || !isCommitted(slice.instant)) continue;
        const key = groupKey(slice);
        const group = groups.get(key);
        if (group) group.push(slice);
        else groups.set(key, [slice]);
      }
    }
    for (const group of groups.values()) group.sort(bySliceInstant);
    return () => {
      if (properties !== null) this.#properties = properties;
      this.#instants = instants;
      this.#replaced = replaced;
      this.#drops = inOrder(drops.values());
      this.#groups = groups;
      this.#partitions = partitions;
      this.#newest = null;
    };
  }

  /** For the table's writer: an action in its new state. */
  noteInstant(instant: TimelineInstant): void {
    const others = this.#instants.filter(
      (known) => known.instant !== instant.instant || known.action !== instant.action,
    );
    this.#instants = [...others, instant].sort(byInstant);
    this.#newest = null;
  }

  /** For the table's writer: actions that are gone from the timeline (rolled back or archived). */
  forgetInstants(gone: ReadonlySet<string>): void {
    this.#instants = this.#instants.filter(({ instant, action }) => !gone.has(`${instant}.${action}`));
    this.#newest = null;
  }

  /** For the table's writer: a commit that is complete, with the slices that it wrote. */
  noteCommit(instant: TimelineInstant, metadata: CommitMetadata, slices: readonly FileSlice[]): void {
    for (const slice of slices) {
      const key = groupKey(slice);
      const group = this.#groups.get(key);
      if (group) group.push(slice);
      else this.#groups.set(key, [slice]);
      this.#partitions.add(slice.partition);
    }
    addReplaced(this.#replaced, instant.instant, metadata);
    const drops = new Map(this.#drops.map((drop) => [drop.instant, drop]));
    addDrop(drops, instant.instant, instant.completedAt, metadata);
    this.#drops = inOrder(drops.values());
    this.#remember(instant.file, Promise.resolve(metadata));
    this.noteInstant(instant);
  }

  /** For the table's writer: slices that a clean is about to delete. */
  forgetSlices(gone: ReadonlySet<string>): void {
    for (const [key, group] of this.#groups) {
      const kept = group.filter((slice) => !gone.has(slice.path));
      if (kept.length === group.length) continue;
      if (kept.length > 0) this.#groups.set(key, kept);
      else this.#groups.delete(key);
    }
    this.#newest = null;
  }

  /** For the table's writer: drops that no reader asks for any more. */
  forgetDrops(gone: ReadonlySet<Instant>): void {
    this.#drops = this.#drops.filter(({ instant }) => !gone.has(instant));
    for (const [key, instant] of this.#replaced) if (gone.has(instant)) this.#replaced.delete(key);
  }

  /** For the table's writer: a partition whose folder is gone. */
  forgetPartition(partition: string): void {
    this.#partitions.delete(partition);
  }

  #sliceOf(partition: string, entry: Entry): FileSlice | null {
    const parsed = parseBaseFile(entry.name);
    if (parsed === null) return null;
    const path = `${this.folder}/${partition === "" ? "" : `${partition}/`}${entry.name}`;
    return { partition, ...parsed, name: entry.name, path, bytes: entry.bytes };
  }

  #slicesAt(asOf: Instant | null, replacedBy = asOf): FileSlice[] {
    const found: FileSlice[] = [];
    for (const [key, group] of this.#groups) {
      const replaced = this.#replaced.get(key);
      if (replaced !== undefined && (replacedBy === null || replaced <= replacedBy)) continue;
      const slice = asOf === null ? group.at(-1) : group.findLast(({ instant }) => instant <= asOf);
      if (slice) found.push(slice);
    }
    return found;
  }

  #remember(file: string, metadata: Promise<CommitMetadata>): void {
    this.#metadata.set(file, metadata);
    if (this.#metadata.size > METADATA_KEPT) this.#metadata.delete(this.#metadata.keys().next().value!);
  }
}

export const groupKey = ({ partition, fileId }: Pick<FileSlice, "partition" | "fileId">): string =>
  `${partition}/${fileId}`;

const bySliceInstant = (a: FileSlice, b: FileSlice) => (a.instant < b.instant ? -1 : 1);

function addReplaced(replaced: Map<string, Instant>, instant: Instant, metadata: CommitMetadata): void {
  for (const [partition, fileIds] of metadata.replaced) {
    for (const fileId of fileIds) {
      const key = groupKey({ partition, fileId });
      const earlier = replaced.get(key);
      if (earlier === undefined || instant < earlier) replaced.set(key, instant);
    }
  }
}

function addDrop(
  drops: Map<Instant, Drop>,
  instant: Instant,
  completedAt: number | null,
  metadata: CommitMetadata,
): void {
  const drop = dropOf(instant, completedAt, metadata);
  if (drop !== null) drops.set(instant, drop);
}
/**
 * Hudi's rule of what is committed: the instant is a completed write of the active timeline, or older than all of them
 * (then it was archived). Commits that linger only because a savepoint holds them do not count as the first.
 */
function committedBy(instants: readonly TimelineInstant[]): (instant: Instant) => boolean {
  const savepoints = new Set(instants.flatMap(({ action, instant }) => (action === "savepoint" ? [instant] : [])));
  const writes = instants.filter((instant) => instant.state === "COMPLETED" && isWrite(instant));
  const completed = new Set(writes.map(({ instant }) => instant));
  const first = (writes.find(({ instant }) => !savepoints.has(instant)) ?? writes[0])?.instant;
  return (instant) => completed.has(instant) || (first !== undefined && instant < first);
}

/** When the first commit wrote into a partition; "0" when its metadata does not tell, or is kept in another form than a text. */
export async function partitionCreated(
  { storage, folder }: Pick<HudiTable, "storage" | "folder">,
  partition: string,
): Promise<Instant> {
  const path = `${folder}/${partition}/${PARTITION_METADATA}`;
  if ((await storage.stat(path)) === null) return "0";
  const text = await storage.read(path);
  return /^commitTime=(\d{17})$/m.exec(Buffer.from(text).toString("utf8"))?.[1] ?? "0";
}

async function* walkPartitions(
  storage: Storage,
  folder: string,
  partition: string,
): AsyncGenerator<{ partition: string; entries: readonly Entry[] }> {
  const entries = await storage.list(partition === "" ? folder : `${folder}/${partition}`);
  if (entries.some(({ name }) => name === PARTITION_METADATA || name.startsWith(`${PARTITION_METADATA}.`))) {
    yield { partition, entries };
  }
  for (const { name, isFolder } of entries) {
    if (!isFolder || name.startsWith(".")) continue;
    yield* walkPartitions(storage, folder, partition === "" ? name : `${partition}/${name}`);
  }
}
