/**
 * Postgres in this process, for an installation that has no server: PGlite in a thread of its own, its files in a folder of
 * the data directory. It does not lock that folder: whoever opens it holds the lock of the data directory.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Duplex } from "node:stream";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { Pool } from "pg";
import { overPool, type Database } from "./database";

/** Two seconds on a quiet machine. */
const INITIALISE_MS = 120_000;
/** Postgres as it is compiled first: to compile it a second time for speed costs its maker more than all that it does. */
const INITIALISE_ARGS: readonly string[] = ["--liftoff-only"];
/** It has one session, so transactions come one after the other; who waits longer than this is told so. */
const WAIT_FOR_TURN_MS = 15_000;

export interface EmbeddedOptions {
  /** Absolute path of `embedded-worker.mjs`; `embedded-init.mjs` lies beside it. */
  worker: string;
  /** Null = in memory. */
  folder: string | null;
  /** A tar of a data folder, to begin with a copy of it. */
  dump?: Uint8Array;
}

/**
 * Starts it and waits until it takes queries.
 *
 * @param onLost the thread ended by itself
 */
export async function openEmbedded(options: EmbeddedOptions, onLost: (error: Error) => void): Promise<Database> {
  if (options.folder !== null) await initialise(options.worker, options.folder);
  const worker = await start(options);
  let closing = false;
  worker.once("error", (error) => {
    if (!closing) onLost(error);
  });
  let connections = 0;
  const pool = new Pool({
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: WAIT_FOR_TURN_MS,
    // PGlite's only account and database.
    user: "postgres",
    database: "postgres",
    stream: () => new WorkerConnection(worker, ++connections) as never,
  });
  return {
    ...overPool(pool, onLost),
    close: async () => {
      closing = true;
      await pool.end();
      await ended(worker);
    },
  };
}

/**
 * Makes the folder when it is missing: whole or not at all, for half of one would never open again. Each attempt has a place of
 * its own: the maker of a server that was killed may be at work for another moment.
 */
async function initialise(worker: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  const drafts = `${basename(folder)}.new`;
  await mkdir(parent, { recursive: true });
  const left = (await readdir(parent)).filter((name) => name.startsWith(drafts));
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
  const draft = await mkdtemp(join(parent, `${drafts}-`));
  const maker = join(dirname(worker), "embedded-init.mjs");
  await promisify(execFile)(process.execPath, [...INITIALISE_ARGS, maker, draft], { timeout: INITIALISE_MS });
  await rename(draft, folder);
}

/** Resolves when it is ready; rejects with what kept it from that. */
async function start({ worker: file, ...workerData }: EmbeddedOptions): Promise<Worker> {
  const worker = new Worker(file, { workerData, name: "postgres" });
  await once(worker, "message");
  return worker;
}

/** Its files are flushed and closed, then the thread ends. */
async function ended(worker: Worker): Promise<void> {
  const exited = once(worker, "exit");
  worker.postMessage({ close: true });
  await exited;
}

/** One connection to the thread, in the shape of the socket that the client would open. */
class WorkerConnection extends Duplex {
  readonly #worker: Worker;
  readonly #id: number;
  readonly #onMessage = ({ id, bytes }: { id?: number; bytes?: Uint8Array }) => {
    if (id === this.#id && bytes) this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  };
  readonly #onExit = () => this.destroy(new Error("The embedded Postgres ended."));

  /** @param id counts the connections of this thread, from 1 */
  constructor(worker: Worker, id: number) {
    super();
    this.#worker = worker;
    this.#id = id;
  }

  connect(): this {
    this.#worker.on("message", this.#onMessage);
    this.#worker.once("exit", this.#onExit);
    this.#worker.postMessage({ connect: this.#id });
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {
    // Answers are as long as what was asked for; they come without being pulled.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#worker.postMessage({ id: this.#id, bytes: new Uint8Array(chunk) });
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#worker.off("message", this.#onMessage);
    this.#worker.off("exit", this.#onExit);
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  /** The thread keeps the process alive until it is closed, whether a query runs or not. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
