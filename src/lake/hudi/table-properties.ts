/**
 * `.hoodie/hoodie.properties`: what a table is. Read with either spelling of the names that changed between releases,
 * written as releases 0.14 and 0.15 write it (table version 6, the widest understood).
 */
import { AppError } from "../../model/app-error";
import type { Storage } from "../storage/storage";
import { crc32 } from "./crc32";
import { formatProperties, parseProperties } from "./java-properties";

export const WRITTEN_VERSION = 6;
const LAYOUT_OF_VERSION: Readonly<Record<number, number>> = { 6: 1, 8: 2, 9: 2 };

export interface TableProperties {
  name: string;
  /** 6, 8 or 9. */
  version: number;
  recordKeyFields: readonly string[];
  /** Names only; empty when the table has no partitions. */
  partitionFields: readonly string[];
  orderingFields: readonly string[];
  hiveStyle: boolean;
  /** Meta columns are in the files. */
  hasMetaFields: boolean;
  /** Folder of the timeline, relative to the table's. */
  timelineFolder: string;
  /** Avro schema of the user columns as JSON text, or null. */
  createSchema: string | null;
  /** `weir.table.id`, null for tables that somebody else created. */
  weirTableId: string | null;
  raw: ReadonlyMap<string, string>;
}

export interface TableDefinition {
  name: string;
  recordKeyField: string;
  partitionField: string;
  orderingField: string;
  /** Avro schema of the user columns as JSON text. */
  createSchema: string;
  weirTableId: string;
  /** Buckets per partition, or null. Hudi keeps the count nowhere. */
  buckets: number | null;
}

/** A property of ours: into how many buckets the partitions of a table are cut. */
export const BUCKETS_PROPERTY = "weir.table.buckets";

export const propertiesPath = (folder: string): string => `${folder}/.hoodie/hoodie.properties`;
const backupPath = (folder: string): string => `${propertiesPath(folder)}.backup`;

/** Hudi's checksum of a table: over its database and name only. */
export const tableChecksum = (database: string, name: string): string =>
  String(crc32(Buffer.from(`${database}.${name}`, "utf8")));

/** Null when the folder holds no table. Falls back to the backup that an interrupted update leaves. */
export async function readProperties(storage: Storage, folder: string): Promise<TableProperties | null> {
  let broken = false;
  for (const path of [propertiesPath(folder), backupPath(folder)]) {
    if ((await storage.stat(path)) === null) continue;
    const raw = parseProperties(await storage.read(path));
    if (isIntact(raw)) return interpret(raw, folder);
    broken = true;
  }
  if (broken) {
    throw new AppError("read-only", `The table in ${folder} has a broken hoodie.properties (its checksum is wrong).`);
  }
  return null;
}

/** @throws AppError read-only when this table is not one that Weir writes: version 6, copy on write, with meta columns. */
export function assertWritable(properties: TableProperties): void {
  const refuse = (reason: string) =>
    new AppError("read-only", `The table ${properties.name} is only read, because ${reason}.`);
  if (properties.version !== WRITTEN_VERSION) {
    throw refuse(
      `its version is ${properties.version} and Weir writes version ${WRITTEN_VERSION} (another engine may have upgraded it)`,
    );
  }
  if (!properties.hasMetaFields) throw refuse("its files have no Hudi columns (hoodie.populate.meta.fields=false)");
  if (properties.recordKeyFields.length !== 1) throw refuse("its record key is not one field");
  if (properties.partitionFields.length !== 1) throw refuse("it is not partitioned by one field");
}

/** Makes a new table: nothing is there until its properties are. */
export async function createProperties(storage: Storage, folder: string, table: TableDefinition): Promise<void> {
  const entries = new Map<string, string>([
    ["hoodie.table.name", table.name],
    ["hoodie.table.type", "COPY_ON_WRITE"],
    ["hoodie.table.version", String(WRITTEN_VERSION)],
    ["hoodie.timeline.layout.version", "1"],
    ["hoodie.table.timeline.timezone", "UTC"],
    ["hoodie.table.base.file.format", "PARQUET"],
    ["hoodie.table.recordkey.fields", table.recordKeyField],
    ["hoodie.table.partition.fields", table.partitionField],
    ["hoodie.table.precombine.field", table.orderingField],
    ["hoodie.table.keygenerator.class", "org.apache.hudi.keygen.SimpleKeyGenerator"],
    ["hoodie.datasource.write.hive_style_partitioning", "true"],
    ["hoodie.datasource.write.partitionpath.urlencode", "false"],
    ["hoodie.datasource.write.drop.partition.columns", "false"],
    ["hoodie.archivelog.folder", "archived"],
    ["hoodie.table.create.schema", table.createSchema],
    ["weir.table.id", table.weirTableId],
    ...(table.buckets === null ? [] : [[BUCKETS_PROPERTY, String(table.buckets)] as const]),
    ["hoodie.table.checksum", tableChecksum("", table.name)],
  ]);
  for (const sub of [".aux", ".temp", ".schema", "archived"]) await storage.makeFolder(`${folder}/.hoodie/${sub}`);
  await storage.putIfAbsent(propertiesPath(folder), format(entries, "Properties saved on"));
}

/**
 * Changes entries by Hudi's protocol: a backup stands while the file is replaced. Removes the sidecar checksum that
 * Hadoop's local file system keeps, which would no longer fit.
 */
export async function updateProperties(
  storage: Storage,
  folder: string,
  changes: ReadonlyMap<string, string>,
): Promise<TableProperties> {
  const current = await readProperties(storage, folder);
  if (current === null) throw new AppError("not-found", `There is no table in ${folder}.`);
  await storage.write(backupPath(folder), format(current.raw, "Updated at"));
  const entries = new Map([...current.raw, ...changes]);
  await storage.write(propertiesPath(folder), format(entries, "Updated at"));
  for (const name of ["hoodie.properties", "hoodie.properties.backup"]) {
    await storage.remove(`${folder}/.hoodie/.${name}.crc`);
  }
  await storage.remove(backupPath(folder));
  return interpret(entries, folder);
}

const format = (entries: ReadonlyMap<string, string>, verb: string) =>
  formatProperties(entries, [`${verb} ${new Date().toISOString()}`]);

function isIntact(raw: ReadonlyMap<string, string>): boolean {
  const name = raw.get("hoodie.table.name");
  const checksum = raw.get("hoodie.table.checksum");
  if (name === undefined) return false;
  return checksum === undefined || checksum === tableChecksum(raw.get("hoodie.database.name") ?? "", name);
}

/** Every feature that would make our answers wrong is refused here, once, with its name. */
function interpret(raw: ReadonlyMap<string, string>, folder: string): TableProperties {
  const refuse = (reason: string) => new AppError("read-only", `The table in ${folder} cannot be read: ${reason}.`);
  const version = Number(raw.get("hoodie.table.version"));
  const layout = LAYOUT_OF_VERSION[version];
  if (layout === undefined) {
    throw refuse(`its version is ${raw.get("hoodie.table.version") ?? "missing"}; versions 6, 8 and 9 are read`);
  }
  if (Number(raw.get("hoodie.timeline.layout.version")) !== layout) {
    throw refuse(`timeline layout ${raw.get("hoodie.timeline.layout.version")} does not belong to version ${version}`);
  }
  const type = raw.get("hoodie.table.type");
  if (type !== "COPY_ON_WRITE") throw refuse(`its type is ${type ?? "missing"}; only COPY_ON_WRITE is read`);
  const baseFormat = raw.get("hoodie.table.base.file.format") ?? "PARQUET";
  if (baseFormat.toUpperCase() !== "PARQUET") throw refuse(`its files are ${baseFormat}, not Parquet`);
  if (raw.get("hoodie.table.multiple.base.file.formats.enable") === "true") throw refuse("it mixes file formats");
  if ((raw.get("hoodie.table.format") ?? "native") !== "native") throw refuse("its table format is not native");
  if (raw.has("hoodie.bootstrap.base.path")) throw refuse("it was bootstrapped from another table");
  if (raw.get("hoodie.datasource.write.drop.partition.columns") === "true") {
    throw refuse("its files lack the partition columns");
  }
  const list = (...names: string[]): string[] => {
    const value = names.map((name) => raw.get(name)).find((text) => text !== undefined && text !== "");
    return value === undefined ? [] : value.split(",").map((part) => part.trim().split(":")[0]!);
  };
  return {
    name: raw.get("hoodie.table.name")!,
    version,
    recordKeyFields: list("hoodie.table.recordkey.fields"),
    partitionFields: list("hoodie.table.partition.fields"),
    orderingFields: list("hoodie.table.ordering.fields", "hoodie.table.precombine.field"),
    hiveStyle: raw.get("hoodie.datasource.write.hive_style_partitioning") === "true",
    hasMetaFields: raw.get("hoodie.populate.meta.fields") !== "false",
    timelineFolder: layout === 1 ? ".hoodie" : `.hoodie/${raw.get("hoodie.timeline.path") ?? "timeline"}`,
    createSchema: raw.get("hoodie.table.create.schema") ?? null,
    weirTableId: raw.get("weir.table.id") ?? null,
    raw,
  };
}
