/** Chooses the engine. The one place outside the engines that knows their names. */
import type { Clock } from "../clock";
import type { Log } from "../log";
import type { Feed } from "../model/feed";
import type { Instant } from "../model/instant";
import type { TableRole } from "../model/table-health/facts";
import { AdoptedReader } from "./adopted/reader";
import { earliestToRetain } from "./duckdb/clean";
import { countDuplicates } from "./duckdb/duplicates";
import { EmbeddedAdoptedSource } from "./duckdb/adopted/source";
import { TableWatch } from "./duckdb/adopted/table-look";
import { openEngine, type Engine } from "./duckdb/connection";
import { openFeedTables } from "./duckdb/feed-tables";
import { FollowedTables } from "./duckdb/following";
import { CommitIndex, readBeginnings } from "./duckdb/commit-index";
import { EmbeddedReader } from "./duckdb/reader";
import { PinFiles } from "./pins/pin-files";
import { hasLog } from "./hudi/feed-tables";
import { HudiInspector, type HudiInspectorOptions } from "./hudi/inspector";
import type { FeedInspector } from "./inspector";
import type { HudiTable } from "./hudi/table";
import { noPins } from "./pins/no-pins";
import type { FeedPins, FeedReader } from "./reader";
import { STAGING_FOLDER } from "./spark/staging-folder";
import type { SparkAddress } from "./spark/spark-url";
import type { Storage } from "./storage/storage";
import { TimelineInspector } from "./timeline-inspector";
import type { FeedWriter, OpenTerm } from "./writer";

/** Staged files of all feeds lie here in a lake, where the engine or other processes have to reach them. */
export { STAGING_FOLDER };

/** @typeParam Writer null for tables that others write */
export interface FeedTables<Writer extends FeedWriter | null = FeedWriter> {
  feed: Feed;
  reader: FeedReader;
  /** The same answers for what follows the tables: it never waits behind what people ask. */
  following: FeedReader;
  pins: FeedPins;
  inspector: FeedInspector;
  writer: Writer;
  /** Where several processes share the tables. */
  shared: SharedTables | null;
}

/** What follows from who writes tables that several processes share. */
export interface SharedTables {
  /** The greatest number of a lease that the tables carry. */
  newestFence(): Promise<number>;
  /** This process is about to write them. Returns when nothing is read any more that it knows better. */
  lead(): Promise<void>;
  /** Another process writes them, or may: they are looked at again. This one has stopped. */
  follow(): void;
}

export interface Lake<Writer extends FeedWriter | null = FeedWriter> {
  /** The tables of a feed, created when they are missing, unless others write them. */
  tables(feed: Feed): Promise<FeedTables<Writer>>;
  /** Waits for the running commits. */
  close(): Promise<void>;
}

export type EngineChoice =
  | {
      kind: "embedded";
      /** Where queries that need more than their memory put it, as the engine sees it. */
      spillFolder?: string;
    }
  | {
      kind: "spark";
      address: SparkAddress;
      /** Folder of the lake as Spark sees it, `file:/srv/lake`. */
      url: string;
      log: Log;
    };

export interface LakeOptions {
  engine?: EngineChoice;
  storage: Storage;
  /** Folder of the lake in the storage. */
  folder: string;
  clock: Clock;
  /** How long superseded file slices are kept, ms of commit time. On Spark its cleaner decides. */
  retainMs: number;
  /** Where several processes share the lake: what lets this one write a feed. */
  openTermOf?: (feed: Feed) => OpenTerm;
  /** A pin whose description cannot be read is not there until it is mended, and everything else is; absent = it is a fault. */
  onDamagedPin?: (path: string) => void;
  /** Told when the clock leaps ahead, by how many ms; what is past its retention then stays until the leap has lasted. */
  onLeap?: (aheadMs: number) => void;
}

export function openLake(options: LakeOptions): Promise<Lake> {
  const { engine = { kind: "embedded" }, ...more } = options;
  return engine.kind === "spark" ? onSpark(engine, more) : embedded(engine, more);
}

export interface AdoptedOptions extends Omit<LakeOptions, "retainMs" | "openTermOf" | "onDamagedPin" | "onLeap"> {
  /** The tables lie in the folder; false: where Spark's catalog has them. */
  isNamed: boolean;
}

/** A lake whose tables others write: they are followed as they are, and may not be there yet. */
export async function openAdoptedLake(options: AdoptedOptions): Promise<Lake<null>> {
  const { engine = { kind: "embedded" }, storage, folder, clock, isNamed } = options;
  if (engine.kind === "spark") {
    const { SparkLake } = await sparkLake();
    const lake = new SparkLake({ ...engine, storage, folder, clock, onDamagedPin: refuseDamagedPin });
    return {
      tables(feed) {
        const reader = lake.adopted(feed, isNamed ? `${engine.url}/${feed.name}` : null);
        const seen = isNamed
          ? inspectorOfFolder({
              storage,
              folder,
              clock,
              name: feed.name,
              role: "table",
              isOurs: false,
              keepsVersions: false,
              url: engine.url,
            })
          : new TimelineInspector(feed.name, reader, clock);
        const inspector = { tables: [seen], stateInstant: (instant: Instant) => instant, duplicates: askSpark };
        return Promise.resolve({
          feed,
          reader,
          following: reader,
          pins: noPins,
          inspector,
          writer: null,
          shared: null,
        });
      },
      close: () => lake.close(),
    };
  }
  const duckdb = await openEngine(engine.spillFolder === undefined ? {} : { spillFolder: engine.spillFolder });
  return {
    tables(feed) {
      const watch = new TableWatch(storage, `${folder}/${feed.name}`, clock);
      const readerOn = (lent: Engine, more: { maxAnswerBytes?: number } = {}) =>
        new AdoptedReader({ feed, source: new EmbeddedAdoptedSource({ feed, engine: lent, watch }), clock, ...more });
      const following = readerOn({ ...duckdb, read: duckdb.follow }, { maxAnswerBytes: 0 });
      const reader = readerOn(duckdb);
      const open = async () => (await watch.look()).table;
      const table = new HudiInspector({
        role: "table",
        name: feed.name,
        isOurs: false,
        keepsVersions: false,
        location: storage.locate(`${folder}/${feed.name}`),
        clock,
        open,
        earliestToRetain: null,
      });
      const inspector = {
        tables: [table],
        stateInstant: (instant: Instant) => instant,
        duplicates: async () => countDuplicates(duckdb, await open()),
      };
      return Promise.resolve({ feed, reader, following, pins: noPins, inspector, writer: null, shared: null });
    },
    close: () => duckdb.close(),
  };
}

/** The driver and what belongs to it are loaded where there is a Spark. */
const sparkLake = () => import("./spark/spark-lake");

async function onSpark(
  { address, url, log }: EngineChoice & { kind: "spark" },
  options: Omit<LakeOptions, "engine">,
): Promise<Lake> {
  const { storage, folder, clock, openTermOf, onLeap, onDamagedPin = refuseDamagedPin } = options;
  const { SparkLake } = await sparkLake();
  const told = { ...(openTermOf && { openTermOf }), ...(onLeap && { onLeap }) };
  const lake = new SparkLake({ address, storage, folder, url, clock, log, onDamagedPin, ...told });
  return {
    async tables(feed) {
      const { reader, pins, writer } = await lake.tables(feed);
      // Readers on Spark ask the tables in any case.
      const follow = () => undefined;
      const shared = openTermOf
        ? { newestFence: () => writer.newestFence(), lead: () => Promise.resolve(), follow }
        : null;
      const role = hasLog(feed) ? "state" : "table";
      const common = { storage, folder, clock, isOurs: true, url };
      const keepsVersions = feed.writeMode === "append";
      const tables = [
        inspectorOfFolder({ ...common, name: feed.name, role, keepsVersions }),
        ...(hasLog(feed)
          ? [inspectorOfFolder({ ...common, name: `${feed.name}_log`, role: "log", keepsVersions: true })]
          : []),
      ];
      const stateInstant = (instant: Instant) => (hasLog(feed) ? null : instant);
      const inspector = { tables, stateInstant, duplicates: askSpark };
      return { feed, reader, following: reader, pins, inspector, writer, shared };
    },
    close: () => lake.close(),
  };
}

/** On Spark nobody is made to wait for a scan of all keys that a page began. */
const askSpark: FeedInspector["duplicates"] = () =>
  Promise.resolve({
    kind: "not-counted",
    why: "on Spark it is a job of its own; run the statement SELECT _hoodie_record_key, count(*) … GROUP BY 1 HAVING count(*) > 1",
  });

interface FolderOptions extends Pick<HudiInspectorOptions, "role" | "name" | "isOurs" | "keepsVersions" | "clock"> {
  storage: Storage;
  folder: string;
  /** Of the lake, as Spark sees it. */
  url: string;
}

/** A table that Spark writes, as its folder tells of it. */
function inspectorOfFolder({ storage, folder, url, ...about }: FolderOptions): HudiInspector {
  const watch = new TableWatch(storage, `${folder}/${about.name}`, about.clock);
  const open = async () => (await watch.look()).table;
  return new HudiInspector({ ...about, location: `${url}/${about.name}`, open, earliestToRetain: null });
}

function refuseDamagedPin(path: string): never {
  throw new Error(`${path} does not describe a pin (it is damaged): mend it, or move it and its .parquet away.`);
}

async function embedded(
  { spillFolder }: EngineChoice & { kind: "embedded" },
  {
    storage,
    folder,
    clock,
    retainMs,
    openTermOf,
    onDamagedPin = refuseDamagedPin,
    onLeap,
  }: Omit<LakeOptions, "engine">,
): Promise<Lake> {
  const engine = await openEngine(spillFolder === undefined ? {} : { spillFolder });
  const writers: { close(): Promise<void> }[] = [];
  return {
    async tables(feed) {
      const openTerm = openTermOf?.(feed);
      const told = { ...(openTerm && { openTerm }), ...(onLeap && { onLeap }) };
      const { main, log, writer } = await openFeedTables({
        storage,
        root: folder,
        feed,
        engine,
        clock,
        retainMs,
        ...told,
      });
      writers.push(writer);
      const pins = await PinFiles.open(storage, `${folder}/${feed.name}_pins`, onDamagedPin);
      const followed = openTerm ? new FollowedTables(main, log, pins) : null;
      const versions = feed.writeMode === "append" ? main : log;
      const beginnings = await readBeginnings(engine, versions);
      const commits = new CommitIndex(engine, main, versions, beginnings);
      const common = { feed, main, log, pins, beginnings, ...(followed && { followed }) };
      const reader = new EmbeddedReader({ ...common, engine });
      const ahead = { ...engine, read: engine.follow };
      const following = new EmbeddedReader({ ...common, engine: ahead, maxAnswerBytes: 0 });
      const shared = followed && {
        newestFence: () => writer.newestFence(),
        lead: () => followed.lead(),
        follow: () => followed.follow(),
      };
      const about = { clock, isOurs: true };
      const inspect = (table: HudiTable, role: TableRole) =>
        new HudiInspector({
          ...about,
          role,
          keepsVersions: role === "log" || feed.writeMode === "append",
          name: table.folder.slice(folder.length + 1),
          location: storage.locate(table.folder),
          open: async () => {
            await followed?.look();
            return table;
          },
          earliestToRetain: (known, now) => earliestToRetain(known, { now, retainMs }),
        });
      const inspector: FeedInspector = {
        tables: log === null ? [inspect(main, "table")] : [inspect(main, "state"), inspect(log, "log")],
        // The same, unless Spark wrote it before the lake was handed over.
        stateInstant: (instant) => commits.stateInstant(instant),
        duplicates: () => countDuplicates(engine, main),
      };
      return { feed, reader, following, pins: reader, inspector, writer, shared };
    },
    async close() {
      await Promise.all(writers.map((writer) => writer.close()));
      await engine.close();
    },
  };
}
