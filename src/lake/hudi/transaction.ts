/**
 * One commit or replacecommit on a version 6 table, from requested to completed, or rolled back.
 *
 * Order of effects: requested, inflight, per file its marker and then the file itself, completed, markers gone. A reader
 * sees the files only once the completed file is there; whatever stops in between can be undone from the markers and from
 * the instant that every file name carries.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import { encodeAvroFile } from "./avro-file";
import { baseFileName } from "./base-file";
import {
  formatCommitMetadata,
  formatInflight,
  parseCommitMetadata,
  type CommitMetadata,
  type WriteStat,
} from "./commit-metadata";
import { ATTEMPT, completionPath, FENCE, type WriteTerm } from "./fence";
import { PARTITION_METADATA, type FileSlice, type HudiTable } from "./table";
import { assertWritable, propertiesPath, readProperties, updateProperties } from "./table-properties";
import { actionFiles, type TimelineInstant } from "./timeline";

/** Where the next slice of a file group goes. */
export interface Placement {
  partition: string;
  fileId: string;
  /** The slice that it supersedes, or null for a new group. */
  previous: FileSlice | null;
  name: string;
  /** Storage path for the engine to write to; nobody lists it. */
  temporary: string;
  path: string;
}

/** What the engine wrote there. */
export interface Written {
  rows: number;
  inserts: number;
  updates: number;
  deletes: number;
  bytes: number;
  minEventTime: number | null;
  maxEventTime: number | null;
}

export type WriteAction = "commit" | "replacecommit";

/** What a term must still last for when a commit is made visible: one small file and a rename. */
const COMPLETION_MS = 1_000;
const NO_BYTES = new Uint8Array();
const NOTHING: ReadonlyMap<string, readonly string[]> = new Map();

export class Transaction {
  readonly #stats: WriteStat[] = [];
  readonly #slices: FileSlice[] = [];
  readonly #partitions = new Map<string, Promise<void>>();
  readonly #workFolder: string;

  private constructor(
    readonly table: HudiTable,
    readonly instant: Instant,
    readonly operationType: string,
    readonly action: WriteAction,
    /** Where several processes write the table. */
    private readonly attempt: Attempt | null,
  ) {
    this.#workFolder = workFolder(table, instant);
  }

  /** @throws AppError read-only when the table is no longer one that Weir writes */
  static async begin(
    table: HudiTable,
    instant: Instant,
    operationType: string,
    action: WriteAction = "commit",
  ): Promise<Transaction> {
    assertWritable(table.properties);
    const term = table.openTerm?.() ?? null;
    const attempt = term && { term, id: randomUUID() };
    const files = actionFiles(instant, action);
    const requested = action === "commit" ? NO_BYTES : requestedReplace();
    const inflight = formatInflight(operationType, attempt ? extraOf(attempt) : new Map());
    await table.storage.putIfAbsent(table.timelinePath(files.requested), requested);
    const isOurs = await table.storage.putIfAbsent(table.timelinePath(files.inflight), inflight);
    if (attempt && !isOurs) throw lostTo(table, instant);
    table.noteInstant({ instant, action, state: "INFLIGHT", ...PENDING, file: files.inflight });
    return new Transaction(table, instant, operationType, action, attempt);
  }

  /** Names the next slice of a group and makes its partition, marker and work folder. */
  async place(partition: string, fileId: string, previous: FileSlice | null): Promise<Placement> {
    const { storage, folder } = this.table;
    const name = baseFileName(fileId, this.instant);
    const kind = previous === null ? "CREATE" : "MERGE";
    let made = this.#partitions.get(partition);
    if (made === undefined) {
      made = this.#makePartition(partition);
      this.#partitions.set(partition, made);
    }
    await Promise.all([made, storage.putIfAbsent(`${this.#workFolder}/${partition}/${name}.marker.${kind}`, NO_BYTES)]);
    const temporary = `${this.#workFolder}/.files/${name}`;
    return { partition, fileId, previous, name, temporary, path: `${folder}/${partition}/${name}` };
  }

  /** Gives a finished file its place in the table; it counts once the commit is complete. */
  async publish(placement: Placement, written: Written): Promise<void> {
    const { partition, fileId, previous, name, path } = placement;
    this.attempt?.term.assertHeld(0);
    await this.table.storage.publish(placement.temporary, path);
    this.#slices.push({ partition, fileId, instant: this.instant, name, path, bytes: written.bytes });
    this.#stats.push({
      fileId,
      path: `${partition}/${name}`,
      partitionPath: partition,
      prevCommit: previous?.instant ?? "null",
      numWrites: written.rows,
      numInserts: written.inserts,
      numUpdateWrites: written.updates,
      numDeletes: written.deletes,
      fileSizeInBytes: written.bytes,
      minEventTime: written.minEventTime,
      maxEventTime: written.maxEventTime,
    });
  }

  get stats(): readonly WriteStat[] {
    return this.#stats;
  }

  /**
   * Makes the commit visible and durable.
   *
   * @param committedAt epoch ms, what the table remembers as the time of completion until it is read again
   * @param replaced of a replacecommit: file ids by partition that readers no longer see
   * @throws AppError read-only when another engine upgraded the table or rolled this commit back meanwhile
   */
  async complete(extra: ReadonlyMap<string, string>, committedAt: number, replaced = NOTHING): Promise<void> {
    const { table, instant, action, attempt } = this;
    const files = actionFiles(instant, action);
    await guardVersion(table);
    if ((await table.storage.stat(table.timelinePath(files.inflight))) === null) {
      throw new AppError("read-only", `Another engine rolled back commit ${instant} of ${table.folder}.`);
    }
    const metadata: CommitMetadata = {
      operationType: this.operationType,
      writeStats: this.#stats,
      replaced,
      extra: attempt ? new Map([...extra, [FENCE, String(attempt.term.fence)]]) : extra,
    };
    const path = table.timelinePath(files.completed);
    if (attempt) await this.#placeCompleted(attempt, path, formatCommitMetadata(metadata));
    else if (!(await table.storage.putIfAbsent(path, formatCommitMetadata(metadata)))) {
      throw new Error(`Commit ${instant} of ${table.folder} was completed by somebody else.`);
    }
    const done: TimelineInstant = {
      instant,
      action,
      state: "COMPLETED",
      completion: null,
      completedAt: committedAt,
      file: files.completed,
    };
    table.noteCommit(done, metadata, this.#slices);
  }

  /** Markers and work files of a completed commit are no longer needed. */
  async tidy(): Promise<void> {
    await this.table.storage.removeFolder(this.#workFolder);
  }

  /**
   * Makes the completed file out of one that lies among the work files, where a rollback takes it away (`rollback.ts`): of the
   * rename and the rollback, one comes first and the other notices, however long this process was stopped in between.
   */
  async #placeCompleted({ term, id }: Attempt, path: string, body: Uint8Array): Promise<void> {
    const { table, instant, action } = this;
    const { storage } = table;
    term.assertHeld(COMPLETION_MS);
    const prepared = completionPath(table.folder, instant);
    await storage.write(prepared, body);
    // After the file was made: a rollback takes the inflight file first.
    const inflight = await storage.read(table.timelinePath(actionFiles(instant, action).inflight));
    if (parseCommitMetadata(inflight).extra.get(ATTEMPT) !== id) throw lostTo(table, instant);
    term.assertHeld(COMPLETION_MS);
    await storage.publish(prepared, path);
  }

  /**
   * Takes back what an attempt has written that another process has rolled back meanwhile; what is still pending is left to
   * whoever puts the table in order.
   */
  async abandon(): Promise<void> {
    const { table, instant, action } = this;
    const { requested, inflight, completed } = actionFiles(instant, action);
    for (const name of [requested, inflight, completed])
      if ((await table.storage.stat(table.timelinePath(name))) !== null) return;
    for (const { path } of this.#slices) await table.storage.remove(path);
    await this.tidy();
  }

  async #makePartition(partition: string): Promise<void> {
    const { storage, folder, partitions } = this.table;
    const drafts = `${this.#workFolder}/.files`;
    await storage.makeFolder(drafts);
    if (partitions.has(partition)) return;
    const body = `#partition metadata\ncommitTime=${this.instant}\npartitionDepth=1\n`;
    await storage.putIfAbsent(`${folder}/${partition}/${PARTITION_METADATA}`, Buffer.from(body), drafts);
  }
}

/** One try at a commit, by the process that holds the lease of the table's feed. */
interface Attempt {
  term: WriteTerm;
  id: string;
}

const extraOf = ({ id, term }: Attempt): ReadonlyMap<string, string> =>
  new Map([
    [ATTEMPT, id],
    [FENCE, String(term.fence)],
  ]);

const lostTo = ({ folder }: HudiTable, instant: Instant): AppError =>
  new AppError("engine-unavailable", `Another process took over the writing of ${folder} during commit ${instant}.`);

/** What a replacecommit asks for, with nothing in it, as Hudi writes it for partitions that are deleted. */
const REQUESTED_REPLACE = {
  namespace: "org.apache.hudi.avro.model",
  type: "record",
  name: "HoodieRequestedReplaceMetadata",
  fields: [
    { name: "operationType", type: ["null", { type: "string", "avro.java.string": "String" }], default: null },
    {
      name: "extraMetadata",
      type: [
        "null",
        {
          type: "map",
          "avro.java.string": "String",
          values: { type: "string", "avro.java.string": "String" },
        },
      ],
      default: null,
    },
    { name: "version", type: ["int", "null"], default: 1 },
  ],
};

const requestedReplace = (): Uint8Array =>
  encodeAvroFile(REQUESTED_REPLACE, { operationType: null, extraMetadata: null, version: null }, randomBytes(16));

const PENDING = { completion: null, completedAt: null } as const;

/** Markers and unfinished files of a commit. */
const workFolder = (table: HudiTable, instant: Instant): string => `${table.folder}/.hoodie/.temp/${instant}`;

/** Properties as they were when last looked at, per table: size and time of the file. */
const lastSeen = new WeakMap<HudiTable, string>();

/**
 * Refuses to complete a commit on a table that another engine has upgraded, and takes away a metadata table that one has
 * made (it would hide our files from readers that trust it).
 */
async function guardVersion(table: HudiTable): Promise<void> {
  const { storage, folder } = table;
  const stat = await storage.stat(propertiesPath(folder));
  const signature = stat === null ? "absent" : `${stat.bytes}.${stat.modifiedAt}`;
  if (signature === lastSeen.get(table)) return;
  const properties = await readProperties(storage, folder);
  if (properties === null) throw new AppError("read-only", `The table in ${folder} is gone.`);
  assertWritable(properties);
  const listed = METADATA_TABLE_KEYS.some((key) => (properties.raw.get(key) ?? "") !== "");
  if (listed) {
    // Readers must stop trusting it before the commit appears: properties first, then the folder.
    await updateProperties(storage, folder, new Map(METADATA_TABLE_KEYS.map((key) => [key, ""])));
    await storage.removeFolder(`${folder}/.hoodie/metadata`);
    return;
  }
  lastSeen.set(table, signature);
}

const METADATA_TABLE_KEYS = ["hoodie.table.metadata.partitions", "hoodie.table.metadata.partitions.inflight"];
