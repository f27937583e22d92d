/**
 * The one place where the parts are made and joined. They start in the order in which data flows backwards, so that
 * nothing is accepted before it can be kept and nothing is shown before it can be read: data directory, feeds, lake, live
 * views, ingest, pulling. The control plane opens beside them when they have started. They close in the opposite order.
 */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, sep } from "node:path";
import pTimeout from "p-timeout";
import { systemClock, type Clock } from "./clock";
import type { Config } from "./config";
import { DeedLog } from "./control/audit/deed-log";
import type { ControlPlane } from "./control/control-plane";
import { keepAcknowledgements } from "./control/problem-mark/acknowledgement-keeper";
import { openControlPlane } from "./control/open-control";
import { RuleKeeper } from "./control/problem-rule/rule-keeper";
import { Accounts } from "./control/account/accounts";
import { cookieSecretOf } from "./control/account/cookie-secret";
import { rightsOf } from "./control/account/rights-of";
import { ProxyIdentity } from "./control/account/proxy-identity";
import { Sessions } from "./control/account/sessions";
import { Welcome } from "./control/account/welcome";
import { RightsChanges } from "./control/rights";
import { StreamRights } from "./control/stream-rights";
import { Tokens } from "./control/token/tokens";
import { joinLake, takeDataDir, takeLake } from "./data-dir";
import { loadFeeds } from "./feeds/load-feeds";
import { Ingest } from "./ingest/ingest";
import { moveStaged, type StagingPlace } from "./ingest/move-staged";
import type { Pace } from "./ingest/pace";
import { openPubsub, openPushCheck } from "./ingest/pubsub/open-pubsub";
import type { PullStatus } from "./ingest/pubsub/pull-metrics";
import type { CheckPushToken } from "./ingest/pubsub/push-token";
import { lakeIdOf } from "./lake/lake-id";
import { openLakePlace, type LakePlace } from "./lake/storage/lake-place";
import { openAdoptedLake, openLake, STAGING_FOLDER, type EngineChoice, type FeedTables, type Lake } from "./lake/open";
import { localStorage } from "./lake/storage/local";
import type { Storage } from "./lake/storage/storage";
import type { FeedWriter } from "./lake/writer";
import type { HourKeeper, HourPace } from "./live/hours/hour-keeper";
import { openHours } from "./live/hours/open-hours";
import { Live } from "./live/live";
import { NO_USUAL } from "./live/usual-source";
import { createLog, type Log } from "./log";
import { createMetrics, type Metrics } from "./metrics";
import { AppError } from "./model/app-error";
import type { Feed } from "./model/feed";
import type { NoteFrame } from "./model/note-kind";
import { problemTopic } from "./live/problem-topic";
import { Processes } from "./processes";

/** Without a writer where others write the tables. */
export type AppTables = FeedTables<FeedWriter | null>;

export interface App {
  config: Config;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  feeds: readonly Feed[];
  /** @throws AppError unknown-feed */
  feed(name: string): Feed;
  /** @throws AppError unknown-feed */
  tables(name: string): AppTables;
  ingest: Ingest;
  /** How pulling is going, a subscription each; none where nothing is pulled. */
  pulls(): readonly PullStatus[];
  /** When it was made, epoch ms. */
  startedAt: number;
  /** Refuses a push of Pub/Sub whose Authorization header is not the one that the configuration asks for. */
  checkPush: CheckPushToken;
  live: Live;
  /** What was rolled up of each feed of attempts, by its name. */
  hours: ReadonlyMap<string, HourKeeper>;
  /** What people decide. It opens by itself; nothing else waits for it. */
  control: ControlPlane;
  /** Puts into the audit log what people do to what lies beside the tables. */
  deeds: DeedLog;
  /** Null where this process shares its lake with no other. */
  processes: Processes | null;
  /** Told when somebody's rights change. */
  rights: RightsChanges;
  /** Who is signed in. */
  sessions: Sessions;
  /** How people sign in. */
  accounts: Accounts;
  /** For whom a proxy in front vouches; null where there is none. */
  proxy: ProxyIdentity | null;
  /** How the first admin is made. */
  welcome: Welcome;
  /** Tells the open pages what somebody has decided, once it is kept. Returns at once and never throws. */
  announceNote(note: NoteFrame): void;
  /** Groups problems by the rules that people made. */
  grouping: RuleKeeper;
  /** Which machine holds a token. */
  tokens: Tokens;
  /** Ends streams of whom may not follow them any more. */
  streamRights: StreamRights;
  /** When every feed can be shown, or has been waited for long enough: what only makes room for the first page comes then. */
  shown: Promise<void>;
  /** Null while everything needed to serve is there, else what is missing. */
  notReady(): string | null;
  /** Lets streams and requests end, finishes the running commit; what is staged stays for the next start. */
  close(): Promise<void>;
}

export interface AppParts {
  clock?: Clock;
  log?: Log;
  /** When hours are rolled up. */
  hourPace?: HourPace;
  /** What the committers measure their gaps by. */
  pace?: Pace;
}

/**
 * @throws ConfigurationError when the data directory is taken or newer than the program
 * @throws AppError engine-unavailable when the lake's bucket cannot be reached or written
 * @throws AppError bad-parameter when a schema declares no feed
 */
export async function createApp(config: Config, parts: AppParts = {}): Promise<App> {
  const clock = parts.clock ?? systemClock;
  const log = parts.log ?? createLog(config.logLevel);
  const metrics = createMetrics();
  const closers: (() => Promise<void>)[] = [];
  // All of them, whatever one says: the last gives the data directory back.
  const close = async () => {
    const faults: unknown[] = [];
    for (const closer of closers.splice(0).reverse()) await closer().catch((fault: unknown) => faults.push(fault));
    if (faults.length > 0) throw faults[0];
  };
  try {
    const dataDir = await takeDataDir(config.dataDir);
    closers.push(dataDir.release);
    const storage = localStorage(dataDir.path);
    const declared = await loadFeeds(config.avroDir);
    // Where others write the tables nothing is written beside them: what Weir derives is in memory.
    const feeds = declared.filter(({ derivedFrom }) => config.adopted === null || derivedFrom === null);
    const { adopted } = config;
    const lakePlace = await openLakePlace(config.lake, adopted === null ? "write" : "read");
    const { storage: lakeStorage, folder } = lakePlace;
    const tables = new Map<string, AppTables>();
    const named = (name: string): AppTables => {
      const found = tables.get(name);
      if (!found)
        throw new AppError(
          "unknown-feed",
          `There is no feed ${JSON.stringify(name)}: there are ${[...tables.keys()].join(", ")}.`,
        );
      return found;
    };
    const lakePath = config.lake.kind === "disk" ? config.lake.path : null;
    const isOutside = adopted === null && !lakePath?.startsWith(config.dataDir + sep);
    const { databaseUrl } = config.control;
    // A lake in the data directory has one process, whatever the database knows.
    const isShared = isOutside && databaseUrl !== null;
    // In a bucket nobody could tell whether the holder of a lock still lives: there a second writer is told by its commits.
    if (isOutside && lakePath !== null) closers.push(await (isShared ? joinLake(lakePath) : takeLake(lakePath)));
    const engine = await engineOf(config, lakePlace, log);
    const processes = isShared
      ? new Processes({
          databaseUrl,
          lakeId: await lakeIdOf(lakeStorage, folder, randomUUID),
          feeds,
          sharedOf: (name) => named(name).shared!,
          log,
          metrics,
        })
      : null;
    // The last to end, after what it lets write.
    if (processes) closers.push(() => processes.close());
    const lake: Lake<FeedWriter | null> = adopted
      ? await openAdoptedLake({ engine, storage: lakeStorage, folder, clock, ...adopted })
      : await openLake({
          engine,
          storage: lakeStorage,
          folder,
          clock,
          retainMs: config.retainMs,
          ...(processes && { openTermOf: processes.openTermOf }),
          onLeap: (aheadMs) =>
            log.warn(
              { aheadMs },
              "the clock leapt ahead; what is past its retention by it is kept until it has stayed there for an hour",
            ),
          onDamagedPin: (path) =>
            log.warn(
              { path },
              "a pin cannot be read and counts as not there; mend its file, or move it and its .parquet away",
            ),
        });
    closers.push(() => lake.close());
    for (const feed of feeds) tables.set(feed.name, await lake.tables(feed));
    const hours = openHours({
      feeds,
      readerOf: (feed) => named(feed.name).reader,
      write: (feed, rows) => ingest.keepDerived(feed.name, rows),
      leads: (feed) => ingest.leads(feed.name),
      clock,
      log,
      ...(parts.hourPace && { pace: parts.hourPace }),
    });
    const live = await Live.open({
      feeds,
      usualOf: ({ name }) => hours.get(name) ?? NO_USUAL,
      readerOf: (feed) => named(feed.name).reader,
      followingOf: (feed) => named(feed.name).following,
      hotRows: config.hotRows,
      // Nobody announces the commits of others.
      ...(adopted && { pollMs: ADOPTED_POLL_MS }),
      ...(processes && { pollMs: SHARED_POLL_MS }),
      clock,
      log,
      metrics,
    });
    closers.push(() => live.close());
    const loaded = Promise.all(feeds.map(({ name }) => live.loaded(name)));
    const shown = pTimeout(loaded, { milliseconds: SHOWN_MS, message: false }).then(() => undefined);
    const pubsub = await openPubsub(config.pubsub, log);
    if (pubsub) closers.push(() => pubsub.client.close());
    const places = stagingPlaces(engine, { storage, lakeStorage, folder, isShared });
    if (!adopted && places.other) await moveStaged(feeds, places.other, places.staging);
    const ingest = await Ingest.open({
      feeds,
      staging: places.staging,
      deadLetters:
        lakePath === null && adopted === null
          ? { storage: lakeStorage, folder: `${folder}/_dead-letters` }
          : { storage, folder: "dead-letters" },
      isShared,
      limits: { maxBodyBytes: config.maxBodyBytes, maxStagingBytes: config.stagingMaxBytes },
      clock,
      log,
      metrics,
      writerOf: (feed) => named(feed.name).writer,
      shown,
      onCommit: (feed, commit) => {
        live.committed(feed.name, commit);
        hours.get(feed.name)?.committed(commit.up.length);
        processes?.committed(feed.name);
      },
      onStaged: (feed, file, rows) => live.staged(feed.name, file, rows),
      onUnstaged: (feed, file) => live.unstaged(feed.name, file),
      onStagedForOthers: (feed) => processes?.staged(feed.name),
      ...(parts.pace && { pace: parts.pace }),
      ...(pubsub && { schemaRevisions: pubsub.schemaRevisions }),
    });
    closers.push(() => ingest.close());
    ingest.start();
    for (const [feed, keeper] of hours) {
      keeper.start(live.loaded(feed));
      closers.push(() => keeper.close());
    }
    const checkPush = await openPushCheck(config.pubsub);
    const pull = pubsub?.start({ ingest, clock, metrics });
    if (pull) closers.push(() => pull.close());
    const control = openControlPlane({ ...config.control, shown, clock, log, metrics });
    closers.push(() => control.close());
    const deeds = new DeedLog({ log });
    closers.push(() => deeds.close());
    const rights = new RightsChanges();
    const grouping = new RuleKeeper({ control, rights, clock, log, apply: (rules) => live.regroup(rules) });
    closers.push(() => grouping.close());
    if (processes) {
      const onNote = ({ kind }: NoteFrame) => void (kind === "grouping" && grouping.look());
      await processes.start({ ingest, live, control, onNote });
      closers.push(() => Promise.resolve(processes.stopTaking()));
    }
    const secret = cookieSecretOf(config.secret);
    const sessions = new Sessions({
      control,
      rights,
      clock,
      secret,
      patienceMs: SESSION_PATIENCE_MS,
    });
    closers.push(() => Promise.resolve(sessions.close()));
    const { oidc, proxy, defaultRole } = config.people;
    const accountsLog = log.child({ area: "accounts" });
    const accounts = new Accounts({ secret, oidc, defaultRole, log: accountsLog, clock, metrics });
    const announceNote = (note: NoteFrame) => {
      live.note(note);
      processes?.noted(note);
    };
    closers.push(
      keepAcknowledgements({
        control,
        rights,
        clock,
        log,
        isOutdated: ({ problemId, seenAt }) => live.hasFailedAnew(problemId, seenAt),
        onEnded: ({ problemId }) =>
          announceNote({ topic: problemTopic(live, problemId), kind: "mark", ref: problemId }),
      }),
    );
    const tokens = new Tokens({ control, rights, clock, log, metrics, patienceMs: SESSION_PATIENCE_MS });
    closers.push(() => tokens.close());
    const streamRights = new StreamRights({
      rights,
      rightsOf: (actor) =>
        actor.kind === "token" ? tokens.rightsOf(actor) : rightsOf({ control, clock, patienceMs: 0 }, actor),
      log,
    });
    closers.push(() => Promise.resolve(streamRights.close()));
    return {
      config,
      clock,
      log,
      metrics,
      feeds,
      feed: (name) => named(name).feed,
      tables: named,
      ingest,
      pulls: () => pull?.statuses() ?? [],
      startedAt: clock.now(),
      checkPush,
      live,
      hours,
      control,
      deeds,
      processes,
      rights,
      sessions,
      accounts,
      proxy: proxy && new ProxyIdentity({ ...proxy, defaultRole, sessions, log: accountsLog }),
      welcome: new Welcome(),
      announceNote,
      grouping,
      tokens,
      streamRights,
      shown,
      notReady: () => missing(feeds, live),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const ADOPTED_POLL_MS = 1_000;
/** Commits of other processes are told of; this finds those whose word was lost. */
const SHARED_POLL_MS = 2_000;
/** An embedded database that was there before opens within a second, and is made within six. */
const SESSION_PATIENCE_MS = 10_000;
/** An engine that is away or slower than this is waited for no longer by what only makes room for the first page. */
const SHOWN_MS = 10_000;

async function engineOf(
  { engine, dataDir, adopted, control }: Config,
  { storage, folder, url }: LakePlace,
  log: Log,
): Promise<EngineChoice> {
  if (engine.kind === "spark") return { ...engine, url, log: log.child({ area: "spark" }) };
  // Never in a lake that others share: each engine takes the folder for its own.
  const spillFolder = join(adopted || control.databaseUrl !== null ? dataDir : storage.locate(folder), ".spill");
  await mkdir(spillFolder, { recursive: true });
  return { ...engine, spillFolder };
}

/**
 * Where accepted events wait: with the lake when others have to reach them, else with the rest of this process's own. `other` is
 * where they waited if that was otherwise before.
 */
function stagingPlaces(
  engine: EngineChoice,
  { storage, lakeStorage, folder, isShared }: StagingFolders,
): { staging: StagingPlace; other: StagingPlace | null } {
  const ours = { storage, folder: "staging" };
  const withLake = { storage: lakeStorage, folder: `${folder}/${STAGING_FOLDER}` };
  return engine.kind === "spark" || isShared ? { staging: withLake, other: ours } : { staging: ours, other: withLake };
}

interface StagingFolders {
  storage: Storage;
  lakeStorage: Storage;
  folder: string;
  isShared: boolean;
}

/** How many feeds cannot be shown yet, in a sentence for anybody: neither which nor why, which are for the log and /status. */
function missing(feeds: readonly Feed[], live: Live): string | null {
  const waiting = feeds.filter(({ name }) => live.status(name).position === null).length;
  return waiting === 0 ? null : `${waiting} of ${feeds.length} feeds cannot be shown yet`;
}
