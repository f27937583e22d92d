/** A table on the disk as one inspects it: everything that its folder tells, engine or no engine. */
import type { Clock } from "../../clock";
import { AppError } from "../../model/app-error";
import { timeOf, type Instant } from "../../model/instant";
import type { CommitFact, InstantFact, Known, TableFacts, TableRole } from "../../model/table-health/facts";
import type { InstantDetail, InstantLine, StateFiles } from "../../model/table-health/instants";
import { decodeAvroFile } from "./avro-file";
import { supersededSlices } from "./clean";
import type { CommitMetadata, WriteStat } from "./commit-metadata";
import { fenceOf, FENCE } from "./fence";
import type { HudiTable } from "./table";
import { isWrite, type TimelineInstant } from "./timeline";

export interface HudiInspectorOptions {
  role: TableRole;
  name: string;
  isOurs: boolean;
  /** Its rows are versions that are only ever added: what was there at an instant is told by their commits, not by its files. */
  keepsVersions: boolean;
  /** As engines are told of it. */
  location: string;
  clock: Clock;
  /** The table as it is now; null while there is none. */
  open: () => Promise<HudiTable | null>;
  /** What the next clean will keep; null where its writer's settings decide, which the table does not hold. */
  earliestToRetain: ((table: HudiTable, now: number) => Instant | null) | null;
}

interface PastMoment {
  instant: Instant;
  time: number;
}

/** Commits of which facts are taken. */
const MOST_COMMITS = 200;
const MOST_SUPERSEDED = 1_000_000;
const THEN = "the table tells it only of now";
const MOST_EXTRA = 50;
const MOST_EXTRA_CHARS = 2_000;
/** Told apart from the rest of a commit's metadata. */
const TOLD_APART = new Set(["schema", "latest_schema", "weir_staged", "weir_versions", "weir_left", FENCE]);
const PENDING_WORD = /\.([a-z]+)\.(?:requested|inflight)$/;

export class HudiInspector {
  /** Facts of a state of the table do not change: its timeline is another list when it does. */
  readonly #commits = new WeakMap<readonly TimelineInstant[], Promise<CommitFact[]>>();

  constructor(private readonly options: HudiInspectorOptions) {}

  get role(): TableRole {
    return this.options.role;
  }

  get name(): string {
    return this.options.name;
  }

  get location(): string {
    return this.options.location;
  }

  async facts(at: PastMoment | null): Promise<TableFacts | null> {
    const table = await this.options.open();
    if (table === null) return null;
    const { role, name, isOurs, clock } = this.options;
    const now = at?.time ?? clock.now();
    const { properties } = table;
    const commits = await this.#commitsOf(table);
    const present = async <T>(tell: () => Promise<T>): Promise<Known<T>> =>
      at === null ? { value: await tell() } : { unknown: THEN };
    return {
      role,
      name,
      isOurs,
      asOf: at?.instant ?? null,
      now,
      instants: { value: await instantsAt(table, at) },
      commits: { value: commits.filter((commit) => at === null || commit.instant <= at.instant).slice(-MOST_COMMITS) },
      files: { value: filesOf(table, at?.instant ?? null) },
      clean: { value: await this.#cleaning(table, at, now) },
      archive: await present(() => archiveOf(table)),
      heartbeats: await present(() => agesIn(table, ".hoodie/.heartbeat")),
      locks: await present(async () =>
        (await agesIn(table, ".hoodie/.locks")).map(({ instant, ageMs }) => ({ name: instant, ageMs })),
      ),
      properties: {
        value: {
          version: properties.version,
          recordKey: properties.recordKeyFields,
          partitions: properties.partitionFields,
          ordering: properties.orderingFields,
          all: properties.raw,
        },
      },
    };
  }

  async lines({ limit, after, at }: { limit: number; after?: Instant; at: PastMoment | null }): Promise<{
    lines: InstantLine[];
    next: Instant | null;
  }> {
    const table = await this.options.open();
    if (table === null) return { lines: [], next: null };
    const shown = table.instants.filter(
      ({ instant }) => (after === undefined || instant < after) && (at === null || instant <= at.instant),
    );
    shown.reverse();
    let end = Math.min(limit, shown.length);
    while (end > 0 && shown[end]?.instant === shown[end - 1]!.instant) end++;
    const found = await Promise.all(shown.slice(0, end).map((instant) => lineOf(table, instant, at)));
    const next = end > 0 && end < shown.length ? shown[end - 1]!.instant : null;
    return { lines: found.filter((line) => line !== null), next };
  }

  async details(instant: Instant): Promise<InstantDetail[]> {
    const table = await this.options.open();
    if (table === null) return [];
    const actions = table.instants.filter((found) => found.instant === instant);
    const details = await Promise.all(actions.map((action) => this.#detail(table, action)));
    return details.filter((detail) => detail !== null);
  }

  async files(at: Instant | null): Promise<StateFiles | null> {
    const table = await this.options.open();
    if (table === null) return null;
    const { keepsVersions } = this.options;
    if (at !== null && !keepsVersions && !(await isReadableAt(table, at))) return null;
    const paths = (at === null ? table.slices() : keepsVersions ? table.slicesOfGroups(at) : table.slices(at)).map(
      ({ path }) => table.storage.locate(path),
    );
    return { table: this.role, paths };
  }

  #commitsOf(table: HudiTable): Promise<CommitFact[]> {
    const { instants } = table;
    let known = this.#commits.get(instants);
    if (known === undefined) {
      known = Promise.all(
        table
          .completedWrites()
          .slice(-MOST_COMMITS)
          .map((commit) => commitFact(table, commit)),
      ).then((facts) => facts.filter((fact) => fact !== null));
      known.catch(() => this.#commits.delete(instants));
      this.#commits.set(instants, known);
    }
    return known;
  }

  async #cleaning(table: HudiTable, at: PastMoment | null, now: number) {
    const told = await instantsAt(table, at);
    const cleans = told.filter(({ action, state }) => action === "clean" && state === "COMPLETED");
    const newest = cleans.at(-1);
    const found =
      newest && table.instants.find(({ instant, action }) => instant === newest.instant && action === "clean");
    const body = found ? await cleanBody(table, found) : null;
    const last = newest
      ? {
          instant: newest.instant,
          completedAt: newest.completedAt,
          filesDeleted: body?.totalFilesDeleted ?? 0,
          keptSince: body?.earliestCommitToRetain || null,
        }
      : null;
    return { last, next: this.#nextClean(table, at, now) };
  }

  #nextClean(table: HudiTable, at: PastMoment | null, now: number) {
    if (at !== null) return { unknown: THEN };
    const { earliestToRetain } = this.options;
    if (earliestToRetain === null) return { unknown: "the settings of its writer decide" };
    const keptSince = earliestToRetain(table, now);
    const going = keptSince === null ? [] : supersededSlices(table, keptSince, MOST_SUPERSEDED);
    return { value: { files: going.length, bytes: bytesOf(going), keptSince } };
  }

  async #detail(table: HudiTable, found: TimelineInstant): Promise<InstantDetail | null> {
    const line = await lineOf(table, found, null);
    if (line === null) return null;
    const body = found.state === "COMPLETED" && isWrite(found) ? await bodyOf(table, found) : null;
    const staged = body?.extra.get("weir_staged") ?? "";
    const versions = Number(body?.extra.get("weir_versions") ?? NaN);
    const fence = body === null ? 0 : fenceOf(body.extra);
    const clean = found.action === "clean" && found.state === "COMPLETED" ? await cleanBody(table, found) : null;
    return {
      ...line,
      table: this.role,
      tableName: this.name,
      operation: body?.operationType ?? null,
      files: body?.writeStats.map(fileChange) ?? [],
      staged: staged === "" ? [] : staged.split(","),
      fence: fence > 0 ? fence : null,
      versions: Number.isSafeInteger(versions) ? versions : null,
      replaced: [...(body?.replaced ?? [])].map(([partition, fileIds]) => ({ partition, fileIds })),
      removed: clean === null ? await rolledBackBy(table, found) : cleanedFiles(clean),
      keptSince: clean?.earliestCommitToRetain || null,
      extra: extraOf(body),
      unknown: null,
    };
  }
}

const wordOf = ({ action, state, file }: TimelineInstant): string =>
  state === "COMPLETED" ? action : (PENDING_WORD.exec(file)?.[1] ?? action);

/** As the timeline tells it today: what completed later was under way then. */
async function instantsAt(table: HudiTable, at: PastMoment | null): Promise<InstantFact[]> {
  const known = table.instants.filter(({ instant }) => at === null || instant <= at.instant);
  const tell = async (found: TimelineInstant): Promise<InstantFact> => {
    const { instant, state, completedAt } = found;
    const fact = { instant, action: wordOf(found), state, completedAt };
    if (at === null || !isAfter(at, fact)) return fact;
    const ended = { ...fact, completedAt: await endedAt(table, found) };
    return isAfter(at, ended) ? { ...fact, state: "INFLIGHT", completedAt: null } : ended;
  };
  return Promise.all(known.map(tell));
}

const isAfter = (at: PastMoment, { instant, completedAt }: Pick<InstantFact, "instant" | "completedAt">): boolean =>
  instant !== at.instant && completedAt !== null && completedAt > at.time + CLOCKS_DIFFER_MS;

/** When an action completed, as it says itself: a commit its time, a clean how long it took. Files of a copied table tell when it was copied. */
async function endedAt(table: HudiTable, found: TimelineInstant): Promise<number | null> {
  if (found.action !== "clean" || found.state !== "COMPLETED") return table.completedAt(found);
  const took = Number((await cleanBody(table, found))?.timeTakenInMillis ?? NaN);
  return Number.isSafeInteger(took) && took >= 0 ? timeOf(found.instant) + took : found.completedAt;
}

/** The time of a file is the machine's and that of a commit its committer's: they may be this far apart. */
const CLOCKS_DIFFER_MS = 2_000;

const bytesOf = (slices: readonly { bytes: number }[]): number => slices.reduce((sum, { bytes }) => sum + bytes, 0);

function filesOf(table: HudiTable, at: Instant | null) {
  const slices = at === null ? table.slices() : table.slices(at);
  const partitions = new Map<string, { partition: string; files: number; bytes: number }>();
  for (const { partition, bytes } of slices) {
    const known = partitions.get(partition);
    if (known) [known.files, known.bytes] = [known.files + 1, known.bytes + bytes];
    else partitions.set(partition, { partition, files: 1, bytes });
  }
  const current = new Set(slices.map(({ path }) => path));
  const superseded = table
    .allSlices()
    .filter(({ path, instant }) => !current.has(path) && (at === null || instant <= at));
  return {
    sizes: slices.map(({ bytes }) => bytes).sort((a, b) => a - b),
    partitions: [...partitions.values()].sort((a, b) => (a.partition < b.partition ? -1 : 1)),
    superseded: { files: superseded.length, bytes: bytesOf(superseded) },
  };
}

async function bodyOf(table: HudiTable, found: TimelineInstant): Promise<CommitMetadata | null> {
  return table.commitMetadata(found).catch(nullIfMissing);
}

/** It was archived since it was listed. */
function nullIfMissing(error: unknown): null {
  if (error instanceof AppError && error.code === "not-found") return null;
  throw error;
}

const sumOf = (stats: readonly WriteStat[], count: (stat: WriteStat) => number): number =>
  stats.reduce((total, stat) => total + count(stat), 0);

async function commitFact(table: HudiTable, found: TimelineInstant): Promise<CommitFact | null> {
  const body = await bodyOf(table, found);
  if (body === null) return null;
  const { writeStats } = body;
  const staged = body.extra.get("weir_staged") ?? "";
  return {
    instant: found.instant,
    completedAt: await table.completedAt(found),
    action: found.action,
    operation: body.operationType,
    inserted: sumOf(writeStats, ({ numInserts }) => numInserts),
    updated: sumOf(writeStats, ({ numUpdateWrites }) => numUpdateWrites),
    deleted: sumOf(writeStats, ({ numDeletes }) => numDeletes),
    files: writeStats.length,
    bytesWritten: sumOf(writeStats, ({ fileSizeInBytes }) => fileSizeInBytes),
    bytesNew: sumOf(writeStats, newBytes),
    partitions: new Set(writeStats.map(({ partitionPath }) => partitionPath)).size,
    batches: staged === "" ? 0 : staged.split(",").length,
  };
}

function newBytes({ fileSizeInBytes, numWrites, numInserts, numUpdateWrites }: WriteStat): number {
  return numWrites === 0 ? 0 : fileSizeInBytes * Math.min(1, (numInserts + numUpdateWrites) / numWrites);
}

/** Null for a commit that was archived since it was listed. */
async function lineOf(table: HudiTable, found: TimelineInstant, at: PastMoment | null): Promise<InstantLine | null> {
  const isCommit = found.state === "COMPLETED" && isWrite(found);
  const body = isCommit ? await bodyOf(table, found) : null;
  if (isCommit && body === null) return null;
  const stats = body?.writeStats ?? [];
  const ended = await endedAt(table, found);
  const isLater = at !== null && isAfter(at, { instant: found.instant, completedAt: ended });
  const completedAt = isLater ? null : ended;
  const drop =
    found.action === "replacecommit" ? table.drops.find(({ instant }) => instant === found.instant) : undefined;
  const staged = body?.extra.get("weir_staged") ?? "";
  const partitions = new Set(stats.map(({ partitionPath }) => partitionPath));
  for (const partition of body?.replaced.keys() ?? []) partitions.add(partition);
  return {
    instant: found.instant,
    action: wordOf(found),
    state: isLater ? "INFLIGHT" : found.state,
    completedAt,
    durationMs: completedAt === null ? null : Math.max(0, Math.round(completedAt - timeOf(found.instant))),
    inserted: sumOf(stats, ({ numInserts }) => numInserts),
    updated: sumOf(stats, ({ numUpdateWrites }) => numUpdateWrites),
    deleted: drop?.rows ?? sumOf(stats, ({ numDeletes }) => numDeletes),
    files: stats.length,
    bytes: sumOf(stats, ({ fileSizeInBytes }) => fileSizeInBytes),
    partitions: [...partitions].sort(),
    batches: staged === "" ? 0 : staged.split(",").length,
  };
}

const fileChange = (stat: WriteStat) => ({
  partition: stat.partitionPath,
  fileId: stat.fileId,
  name: stat.path.slice(stat.path.lastIndexOf("/") + 1),
  previous: /^\d{17}$/.test(stat.prevCommit) ? stat.prevCommit : null,
  bytes: stat.fileSizeInBytes,
  rows: stat.numWrites,
  inserted: stat.numInserts,
  updated: stat.numUpdateWrites,
  deleted: stat.numDeletes,
});

function extraOf(body: CommitMetadata | null): [string, string][] {
  const shown = [...(body?.extra ?? [])].filter(([key]) => !TOLD_APART.has(key));
  return shown.slice(0, MOST_EXTRA).map(([key, value]) => [key, value.slice(0, MOST_EXTRA_CHARS)]);
}

interface CleanBody {
  timeTakenInMillis?: number | string;
  totalFilesDeleted?: number;
  earliestCommitToRetain?: string;
  partitionMetadata?: Record<string, { successDeleteFiles?: string[]; isPartitionDeleted?: boolean | null }>;
}

async function cleanBody(table: HudiTable, found: TimelineInstant): Promise<CleanBody | null> {
  const bytes = await table.storage.read(table.timelinePath(found.file)).catch(nullIfMissing);
  return bytes === null || bytes.length === 0 ? null : (decodeAvroFile(bytes)[0] as CleanBody);
}

const cleanedFiles = ({ partitionMetadata }: CleanBody): string[] =>
  Object.entries(partitionMetadata ?? {}).flatMap(([partition, { successDeleteFiles, isPartitionDeleted }]) => [
    ...(isPartitionDeleted === true ? [`${partition}/ (the partition)`] : []),
    ...(successDeleteFiles ?? []).map((file) => `${partition}/${file.split("/").at(-1)!}`),
  ]);

/** Instants that a rollback or restore undid, as far as it says so. */
async function rolledBackBy(table: HudiTable, found: TimelineInstant): Promise<string[]> {
  if (found.state !== "COMPLETED" || (found.action !== "rollback" && found.action !== "restore")) return [];
  const bytes = await table.storage.read(table.timelinePath(found.file)).catch(nullIfMissing);
  if (bytes === null || bytes.length === 0) return [];
  const body = decodeAvroFile(bytes)[0] as { commitsRollback?: string[]; instantsToRollback?: string[] };
  return body.commitsRollback ?? body.instantsToRollback ?? [];
}

/** Whether the files of a state are still there: nothing before the newest clean's mark, nor before what was replaced. */
async function isReadableAt(table: HudiTable, at: Instant): Promise<boolean> {
  const clean = table.instants.findLast(({ action, state }) => action === "clean" && state === "COMPLETED");
  const keptSince = clean ? ((await cleanBody(table, clean))?.earliestCommitToRetain ?? "9") : null;
  if (keptSince !== null && at < (keptSince || "9") && at !== table.head) return false;
  const replaced = table.replacedUntil();
  if (replaced !== null && at < replaced) return false;
  const first = table.completedWrites()[0];
  return first !== undefined && at >= first.instant;
}

async function archiveOf(table: HudiTable) {
  const { raw, timelineFolder, version } = table.properties;
  const name =
    version === 6
      ? `.hoodie/${raw.get("hoodie.archivelog.folder") ?? "archived"}`
      : `${timelineFolder}/${raw.get("hoodie.timeline.history.path") ?? "history"}`;
  const files = (await table.storage.list(`${table.folder}/${name}`)).filter(
    (entry) => !entry.isFolder && !entry.name.endsWith(".crc"),
  );
  const newestAt = files.length === 0 ? null : Math.max(...files.map(({ modifiedAt }) => modifiedAt));
  return { files: files.length, bytes: bytesOf(files), newestAt };
}

/** Files of a folder by their ages. Files have the machine's time, whatever the clock of commits says. */
async function agesIn(table: HudiTable, folder: string): Promise<{ instant: string; ageMs: number }[]> {
  const files = await table.storage.list(`${table.folder}/${folder}`);
  return files
    .filter(({ isFolder, name }) => !isFolder && !name.endsWith(".crc"))
    .map(({ name, modifiedAt }) => ({ instant: name, ageMs: Math.max(0, Date.now() - modifiedAt) }));
}
