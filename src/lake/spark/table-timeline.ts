/**
 * What is committed to a table, read from its timeline on the disk. Spark tells the same through procedures, at 15 to 20 ms for
 * each commit that is looked up; a writer that checks its own work after every statement reads the files.
 */
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import { parseCommitMetadata, type CommitMetadata } from "../hudi/commit-metadata";
import { dayOrHour } from "../hudi/drops";
import { fenceOf } from "../hudi/fence";
import { assertNoneUnderWay, rollBackPending } from "../hudi/rollback";
import { HudiTable } from "../hudi/table";
import { assertWritable, readProperties, type TableProperties } from "../hudi/table-properties";
import { isPending, isWrite, readTimeline, type TimelineInstant } from "../hudi/timeline";
import type { Storage } from "../storage/storage";
import { trimArchive } from "./hudi-archive";

/** Extra metadata of commits that Spark makes for Weir: what ties the log's commit and the state's together. */
export const BATCH_ID = "weir_batch_id";
export const STAGED = "weir_staged";

export interface CompletedCommit {
  instant: Instant;
  /** Epoch ms. */
  completedAt: number;
  /** Null for a commit that Spark did not make for Weir. */
  batchId: string | null;
  staged: readonly string[];
  /** Number of its writer's lease; 0 for none. */
  fence: number;
  /** Rows that are new in the table. */
  inserted: number;
  /** False for a commit that wrote nothing: Spark makes one for an INSERT of no rows. */
  hasData: boolean;
  /** It only gave the table other columns. */
  altersSchema: boolean;
  /** It only let go of partitions. */
  dropsPartitions: boolean;
  /** Partition values that it wrote to (`2026-11-21`). */
  partitions: readonly string[];
}

const METADATA_KEPT = 256;

export class TableTimeline {
  #instants: readonly TimelineInstant[] = [];
  readonly #commits = new Map<string, CompletedCommit>();

  private constructor(
    private readonly storage: Storage,
    readonly folder: string,
    private properties: TableProperties,
  ) {}

  /** @throws AppError not-found when there is no table, read-only when it cannot be read */
  static async open(storage: Storage, folder: string): Promise<TableTimeline> {
    const timeline = new TableTimeline(storage, folder, await propertiesOf(storage, folder));
    await timeline.refresh();
    return timeline;
  }

  /** Reads properties and timeline again. */
  async refresh(): Promise<void> {
    this.properties = await propertiesOf(this.storage, this.folder);
    this.#instants = readTimeline(await this.storage.list(`${this.folder}/${this.properties.timelineFolder}`));
  }

  /** @throws AppError read-only when somebody has upgraded the table or given it a metadata table */
  assertWritable(): void {
    assertWritable(this.properties);
    const partitions = this.properties.raw.get("hoodie.table.metadata.partitions") ?? "";
    if (partitions === "") return;
    throw new AppError(
      "read-only",
      `The table ${this.properties.name} has a metadata table (${partitions}), which hides commits of the embedded engine. Set hoodie.metadata.enable=false for every writer (hudi-defaults.conf), write once with it, and start again.`,
    );
  }

  /**
   * Undoes commits whose statement was cut short. A snapshot at an instant after such a commit would fail in Spark.
   *
   * @param expiresMs how old the heartbeat of a dead writer is
   * @returns the instants that are gone
   */
  async rollBackDead(expiresMs: number): Promise<Instant[]> {
    if (!this.#instants.some(isPending)) return [];
    const table = await HudiTable.open(this.storage, this.folder);
    // Heartbeat files have the storage's time, on a disk the machine's, whatever the clock of commits says.
    const gone = table === null ? [] : await rollBackPending(table, Date.now(), expiresMs);
    await this.refresh();
    return gone;
  }

  /** The same. @throws AppError engine-unavailable while a pending commit has a living writer */
  async rollBackPending(expiresMs: number): Promise<Instant[]> {
    const gone = await this.rollBackDead(expiresMs);
    assertNoneUnderWay(this.folder, this.#instants);
    return gone;
  }

  /** Bounds what Hudi keeps of commits that have left the timeline. */
  async trimArchive(): Promise<void> {
    const archive = this.properties.raw.get("hoodie.archivelog.folder") ?? "archived";
    await trimArchive(this.storage, `${this.folder}/.hoodie/${archive}`);
  }

  /** Values of its partitions that hold rows. */
  async livePartitions(): Promise<string[]> {
    const table = await HudiTable.open(this.storage, this.folder);
    return [...new Set(table?.slices().map(({ partition }) => dayOrHour(partition)) ?? [])].sort();
  }

  /** Of completed commits, oldest first. */
  get instants(): readonly Instant[] {
    return this.#writes().map(({ instant }) => instant);
  }

  /** The newest `most` completed commits, newest first. */
  async newest(most: number): Promise<CompletedCommit[]> {
    return Promise.all(
      this.#writes()
        .slice(-most)
        .reverse()
        .map((instant) => this.#commit(instant)),
    );
  }

  /** Some of `instants`, in their order. */
  async commits(instants: readonly Instant[]): Promise<CompletedCommit[]> {
    const wanted = new Set(instants);
    return Promise.all(this.#writes().flatMap((found) => (wanted.has(found.instant) ? [this.#commit(found)] : [])));
  }

  #writes(): TimelineInstant[] {
    return this.#instants.filter((instant) => instant.state === "COMPLETED" && isWrite(instant));
  }

  async #commit(found: TimelineInstant): Promise<CompletedCommit> {
    const known = this.#commits.get(found.file);
    if (known !== undefined) return known;
    const path = `${this.folder}/${this.properties.timelineFolder}/${found.file}`;
    const commit = describe(found, parseCommitMetadata(await this.storage.read(path)));
    this.#commits.set(found.file, commit);
    if (this.#commits.size > METADATA_KEPT) this.#commits.delete(this.#commits.keys().next().value!);
    return commit;
  }
}

async function propertiesOf(storage: Storage, folder: string): Promise<TableProperties> {
  const properties = await readProperties(storage, folder);
  if (properties === null) throw new AppError("not-found", `There is no Hudi table in ${folder}.`);
  return properties;
}

function describe({ instant, completedAt }: TimelineInstant, metadata: CommitMetadata): CompletedCommit {
  const { operationType, writeStats, extra } = metadata;
  return {
    instant,
    completedAt: completedAt!,
    batchId: extra.get(BATCH_ID) ?? null,
    fence: fenceOf(extra),
    staged: (extra.get(STAGED) ?? "").split(",").filter((name) => name !== ""),
    inserted: writeStats.reduce((sum, { numInserts }) => sum + numInserts, 0),
    hasData: writeStats.length > 0,
    altersSchema: operationType === "ALTER_SCHEMA",
    dropsPartitions: operationType === "DELETE_PARTITION",
    partitions: [...new Set(writeStats.map(({ partitionPath }) => dayOrHour(partitionPath)))].sort(),
  };
}
