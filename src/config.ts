/** The environment, read and checked once. Nothing else reads `process.env`. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ConfigurationError } from "./config/configuration-error";
import { oidcConfig, proxyConfig, type PeopleConfig } from "./config/people";
import {
  bytes,
  databaseUrl,
  duration,
  flag,
  guardedUrl,
  isLoopback,
  lakeAddress,
  origin,
  sparkAddress,
  subscriptions,
  whole,
} from "./config/values";
import type { LakeAddress } from "./lake/storage/lake-place";
import type { SparkAddress } from "./lake/spark/spark-url";
import { LOG_LEVELS, type LogLevel } from "./log";

export interface Config {
  host: string;
  /** 0 = any free port. */
  port: number;
  dataDir: string;
  /** The folder that holds `<feed>/` and `<feed>_log/`. */
  lake: LakeAddress;
  engine: { kind: "embedded" } | { kind: "spark"; address: SparkAddress };
  /**
   * Null: Weir writes the tables. Else others do (WEIR_WRITER=none), and they are followed: `isNamed` tells whether they lie in
   * `lake`, or where Spark's catalog says.
   */
  adopted: { isNamed: boolean } | null;
  /** Folder of the `.avsc` files that declare the feeds. */
  avroDir: string;
  /** How long superseded file slices of the state table are kept, ms. */
  retainMs: number;
  hotRows: number;
  stagingMaxBytes: number;
  /** Bound of one request's body after inflation, bytes. */
  maxBodyBytes: number;
  logLevel: LogLevel;
  /** The address under which browsers know this server, or null on loopback. */
  origin: string | null;
  trustProxy: boolean;
  corsOrigins: readonly string[];
  /** Bearer token that every request must carry; null on loopback. */
  secret: string | null;
  pubsub: PubsubConfig;
  control: ControlConfig;
  people: PeopleConfig;
}

/** Where what people decide is kept. */
export interface ControlConfig {
  /** A Postgres server, with its password; null = Postgres in this process, in the data directory. */
  databaseUrl: string | null;
  /** Folder of the embedded Postgres. */
  folder: string;
  migrationsFolder: string;
  /** The thread of the embedded Postgres. */
  embeddedWorker: string;
}

export interface PubsubConfig {
  /** Google Cloud project; null = nothing is pulled. */
  project: string | null;
  /** Which subscription brings the events of which feed. */
  subscriptions: readonly { feed: string; subscription: string }[];
  /** `host:port` of a server without accounts, for development and tests; null = Google's. */
  emulatorHost: string | null;
  /** Deliveries of a message that cannot be read before it becomes a dead letter. */
  attempts: number;
  /** Who may push: null = whoever may write at all. */
  push: { audience: string; email: string | null } | null;
}

const environment = z.object({
  WEIR_HOST: z.string().default("127.0.0.1"),
  WEIR_PORT: whole(0, 65_535).default(3000),
  WEIR_DATA_DIR: z.string().default(".weir"),
  WEIR_LAKE_URL: z.string().transform(lakeAddress).optional(),
  WEIR_GCS_ENDPOINT: origin.optional(),
  STORAGE_EMULATOR_HOST: z.string().optional(),
  WEIR_AVRO_DIR: z.string().optional(),
  WEIR_RETAIN: duration.default(600_000),
  WEIR_HOT_ROWS: whole(100, 5_000_000).default(100_000),
  WEIR_STAGING_MAX: bytes.default(1024 ** 3),
  WEIR_MAX_BODY: bytes.default(32 * 1024 ** 2),
  WEIR_LOG: z.enum(LOG_LEVELS).default("info"),
  WEIR_ENGINE: z.enum(["embedded", "spark"]).default("embedded"),
  WEIR_SPARK_URL: z.string().transform(sparkAddress).optional(),
  WEIR_WRITER: z.enum(["weir", "none"]).default("weir"),
  WEIR_ORIGIN: origin.optional(),
  WEIR_TRUST_PROXY: flag.default(false),
  WEIR_CORS_ORIGINS: z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .pipe(z.array(origin))
    .default([]),
  WEIR_SECRET: z.string().min(16, "must have at least 16 characters").optional(),
  WEIR_PUBSUB_PROJECT: z
    .string()
    .regex(/^[a-z][a-z0-9.:-]{2,100}$/, "must be the id of a Google Cloud project")
    .optional(),
  WEIR_PUBSUB_SUBSCRIPTIONS: subscriptions.default([]),
  WEIR_PUBSUB_ATTEMPTS: whole(1, 100).default(5),
  WEIR_PUBSUB_PUSH_AUDIENCE: z.string().optional(),
  WEIR_PUBSUB_PUSH_EMAIL: z.email("must be the address of a service account").optional(),
  WEIR_OIDC_ISSUER: guardedUrl.optional(),
  WEIR_OIDC_CLIENT_ID: z.string().max(500).optional(),
  WEIR_OIDC_CLIENT_SECRET: z.string().optional(),
  WEIR_OIDC_ROLE_CLAIM: z.string().max(200).optional(),
  WEIR_DEFAULT_ROLE: z.enum(["viewer", "operator"], 'must be "viewer" or "operator"').default("viewer"),
  WEIR_PROXY_JWT_HEADER: z
    .string()
    .regex(/^[\w-]{1,100}$/, "must be the name of a header")
    .toLowerCase()
    .optional(),
  WEIR_PROXY_JWT_JWKS_URL: guardedUrl.optional(),
  WEIR_PROXY_JWT_AUDIENCE: z.string().max(500).optional(),
  WEIR_PROXY_JWT_ISSUER: z.string().max(500).optional(),
  DATABASE_URL: databaseUrl.optional(),
  PUBSUB_EMULATOR_HOST: z
    .string()
    .regex(/^[\w.-]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i, "must be host:port")
    .optional(),
});

/** Addresses may hold a password. */
const SECRETS = ["WEIR_SECRET", "WEIR_SPARK_URL", "DATABASE_URL", "WEIR_OIDC_CLIENT_SECRET"] as const;
/** What the commands that speak to a server read, and what `weir run` gives to its job. */
const CLIENT = [
  "WEIR_URL",
  "WEIR_TOKEN",
  "WEIR_TOKEN_FILE",
  "WEIR_SPOOL",
  "WEIR_CORRELATION_ID",
  "WEIR_ATTEMPT",
  "WEIR_REPORT",
];
const KNOWN = new Set([
  ...Object.keys(environment.shape),
  ...SECRETS.map((name) => `${name}_FILE`),
  ...CLIENT,
  "WEIR_CHROMIUM",
]);

/** These are read as they lie in the sources, by the built server too. */
const CONTROL_DB = "src/control/db";

/** Names that look like settings but are none: a warning at start, since a misspelt setting is silently without effect. */
export const unknownSettings = (env: NodeJS.ProcessEnv = process.env): string[] =>
  Object.keys(env).filter((name) => name.startsWith("WEIR_") && !KNOWN.has(name));

/**
 * The configuration that an environment asks for.
 *
 * @throws ConfigurationError with a sentence that names the variable, its value and what it may be
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse({ ...given, ...secretsFromFiles(given) });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const name = String(issue.path[0]);
    const shown = SECRETS.some((secret) => secret === name) ? "" : ` (it is ${JSON.stringify(given[name])})`;
    throw new ConfigurationError(`${name} ${issue.message}${shown}.`);
  }
  const values = parsed.data;
  if (!isLoopback(values.WEIR_HOST) && values.WEIR_SECRET === undefined) {
    throw new ConfigurationError(
      `Listening on ${values.WEIR_HOST} lets other machines in: set WEIR_SECRET (or WEIR_SECRET_FILE) to a token of 16 characters or more, or listen on 127.0.0.1.`,
    );
  }
  if (values.WEIR_WRITER === "none" && values.WEIR_PUBSUB_SUBSCRIPTIONS.length > 0) {
    throw new ConfigurationError(
      "WEIR_WRITER=none follows what others write: leave WEIR_PUBSUB_SUBSCRIPTIONS to the job that writes the tables.",
    );
  }
  const dataDir = plainFolder("WEIR_DATA_DIR", resolve(values.WEIR_DATA_DIR));
  return {
    host: values.WEIR_HOST,
    port: values.WEIR_PORT,
    dataDir,
    lake: lakeOf(values, dataDir),
    engine: engineOf(values),
    adopted: values.WEIR_WRITER === "none" ? { isNamed: values.WEIR_LAKE_URL !== undefined } : null,
    avroDir: values.WEIR_AVRO_DIR ? resolve(values.WEIR_AVRO_DIR) : join(packageRoot(), "avro"),
    retainMs: values.WEIR_RETAIN,
    hotRows: values.WEIR_HOT_ROWS,
    stagingMaxBytes: values.WEIR_STAGING_MAX,
    maxBodyBytes: values.WEIR_MAX_BODY,
    logLevel: values.WEIR_LOG,
    origin: values.WEIR_ORIGIN ?? null,
    trustProxy: values.WEIR_TRUST_PROXY,
    corsOrigins: values.WEIR_CORS_ORIGINS,
    secret: values.WEIR_SECRET ?? null,
    pubsub: pubsubConfig(values),
    people: { oidc: oidcConfig(values), proxy: proxyConfig(values), defaultRole: values.WEIR_DEFAULT_ROLE },
    control: {
      databaseUrl: values.DATABASE_URL ?? null,
      folder: join(dataDir, "pg"),
      migrationsFolder: join(packageRoot(), CONTROL_DB, "migrations"),
      embeddedWorker: join(packageRoot(), CONTROL_DB, "embedded-worker.mjs"),
    },
  };
}

function pubsubConfig(values: z.output<typeof environment>): PubsubConfig {
  const { WEIR_PUBSUB_PROJECT: project = null, WEIR_PUBSUB_SUBSCRIPTIONS: subscriptions } = values;
  if (project === null && subscriptions.length > 0) {
    throw new ConfigurationError("WEIR_PUBSUB_SUBSCRIPTIONS needs WEIR_PUBSUB_PROJECT, the project that they are in.");
  }
  const { WEIR_PUBSUB_PUSH_AUDIENCE: audience, WEIR_PUBSUB_PUSH_EMAIL: email = null } = values;
  if (audience === undefined && email !== null) {
    throw new ConfigurationError(
      "WEIR_PUBSUB_PUSH_EMAIL needs WEIR_PUBSUB_PUSH_AUDIENCE: without an audience no token is looked at.",
    );
  }
  return {
    project,
    subscriptions,
    emulatorHost: values.PUBSUB_EMULATOR_HOST ?? null,
    attempts: values.WEIR_PUBSUB_ATTEMPTS,
    push: audience === undefined ? null : { audience, email },
  };
}

function lakeOf(values: z.output<typeof environment>, dataDir: string): LakeAddress {
  const {
    WEIR_LAKE_URL: named = { kind: "disk", path: join(dataDir, "lake") },
    WEIR_GCS_ENDPOINT,
    WEIR_ENGINE,
  } = values;
  if (named.kind === "disk") return { kind: "disk", path: plainFolder("WEIR_LAKE_URL", named.path) };
  if (values.STORAGE_EMULATOR_HOST !== undefined) {
    throw new ConfigurationError(
      "STORAGE_EMULATOR_HOST is set, which sends a part of all requests elsewhere: unset it, and name the server in WEIR_GCS_ENDPOINT.",
    );
  }
  if (WEIR_ENGINE === "spark") return { ...named, endpoint: WEIR_GCS_ENDPOINT ?? null };
  throw new ConfigurationError(
    `WEIR_LAKE_URL names a bucket (gs://${named.bucket}/${named.folder}), which Spark reads and writes: set WEIR_ENGINE=spark and WEIR_SPARK_URL. The embedded engine has its lake on a disk, such as file:/srv/lake.`,
  );
}

/** The engine takes every path that it reads for a pattern. */
function plainFolder(name: string, path: string): string {
  if (!/[*?[\]]/.test(path)) return path;
  throw new ConfigurationError(`${name} must be a path without *, ?, [ and ] (it is ${JSON.stringify(path)}).`);
}

/** The folder that holds package.json, from wherever the built or the source file lies below it. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package-lock.json")) && !existsSync(join(folder, "avro"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new ConfigurationError("The program's own folder (with avro/) was not found.");
    folder = parent;
  }
  return folder;
}

function engineOf({ WEIR_ENGINE, WEIR_SPARK_URL }: z.output<typeof environment>): Config["engine"] {
  if (WEIR_ENGINE === "embedded") return { kind: "embedded" };
  if (WEIR_SPARK_URL !== undefined) return { kind: "spark", address: WEIR_SPARK_URL };
  throw new ConfigurationError(
    "WEIR_ENGINE=spark needs WEIR_SPARK_URL, such as hive2://127.0.0.1:10000/default (`node scripts/spark.mjs` starts a Spark of your own).",
  );
}

function secretsFromFiles(env: NodeJS.ProcessEnv, names: readonly string[] = SECRETS): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const path = env[`${name}_FILE`];
    if (path === undefined) continue;
    try {
      found[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      throw new ConfigurationError(`${name}_FILE names ${JSON.stringify(path)}, which cannot be read.`, {
        cause: error,
      });
    }
  }
  return found;
}

/** What the commands that speak to a server are told by the environment. */
export interface ClientConfig {
  /** Address of the server. */
  url: string;
  /** Bearer token; null when the server wants none. */
  token: string | null;
  /** Folder of what could not be sent. */
  spoolDir: string;
  /** The batch that a job which calls us belongs to. */
  correlationId: string | null;
}

/**
 * The token of a client is `WEIR_TOKEN`; on the machine of the server its `WEIR_SECRET` will do.
 *
 * @throws ConfigurationError when a named file cannot be read
 */
export function readClientConfig(env: NodeJS.ProcessEnv = process.env): ClientConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const secrets = secretsFromFiles(given, ["WEIR_TOKEN", "WEIR_SECRET"]);
  const state = given["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
  return {
    url: given["WEIR_URL"] ?? `http://127.0.0.1:${given["WEIR_PORT"] ?? "3000"}`,
    token: given["WEIR_TOKEN"] ?? secrets["WEIR_TOKEN"] ?? given["WEIR_SECRET"] ?? secrets["WEIR_SECRET"] ?? null,
    spoolDir: resolve(given["WEIR_SPOOL"] ?? join(state, "weir", "spool")),
    correlationId: given["WEIR_CORRELATION_ID"] ?? null,
  };
}

/** The environment of a job that is run: ours, and what it is told by us. */
export const environmentOfJob = (told: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = process.env) => ({
  ...env,
  ...told,
});
