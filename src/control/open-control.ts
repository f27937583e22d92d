/** The control plane on the database that the configuration names. */
import type { Clock } from "../clock";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import { ControlPlane } from "./control-plane";
import { openEmbedded } from "./db/embedded";
import { openPostgres } from "./db/postgres";

export interface OpenControlOptions {
  /** A Postgres server; null = the embedded one. */
  databaseUrl: string | null;
  /** Of the embedded one. Whoever opens it holds the lock of the data directory. */
  folder: string;
  migrationsFolder: string;
  /** Absolute path of `db/embedded-worker.mjs`. */
  embeddedWorker: string;
  /** Resolves when the pages can be shown: the embedded one computes for seconds when it is made. Never rejects. */
  shown: Promise<void>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** The embedded one computes for a second when it starts; until then the first page was served, or nobody waits for one. */
const SETTLE_MS = 3_000;
const PROBE_MS = 10_000;

/** Returns at once; the database is opened in the background or when somebody asks for it. */
export function openControlPlane(options: OpenControlOptions): ControlPlane {
  const { databaseUrl, folder, embeddedWorker: worker, shown, log, ...shared } = options;
  const area = log.child({ area: "control" });
  return databaseUrl === null
    ? new ControlPlane({
        ...shared,
        log: area,
        open: (onLost) => openEmbedded({ worker, folder }, onLost),
        isShared: false,
        settleMs: SETTLE_MS,
        after: shown,
        probeMs: null,
      })
    : new ControlPlane({
        ...shared,
        log: area,
        open: (onLost) => Promise.resolve(openPostgres(databaseUrl, onLost)),
        isShared: true,
        settleMs: 0,
        probeMs: PROBE_MS,
      });
}
