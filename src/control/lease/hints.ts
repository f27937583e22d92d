/**
 * What processes that share a lake tell each other at once: that something was committed or staged, that a lease is free, or
 * what somebody has decided. Hints may be lost; everybody looks by themselves every now and then.
 */
import { Client, Pool } from "pg";
import { z } from "zod";
import type { Log } from "../../log";
import { NOTE_KINDS, type NoteFrame } from "../../model/note-kind";
import { overPool, type ControlDb, type Database } from "../db/database";

const CHANNELS = ["weir_commit", "weir_staged", "weir_lease"] as const;
const NOTES = "weir_note";
export type Channel = (typeof CHANNELS)[number];

/** Of what a hint is: lakes may share a database. `from` is who gives it, and does not need it. */
const hint = z.object({ lakeId: z.string(), feed: z.string(), from: z.string() });
export type Hint = z.infer<typeof hint> & { channel: Channel };

const noteHint = z.object({
  lakeId: z.string(),
  from: z.string(),
  note: z.object({
    topic: z.templateLiteral([z.enum(["feeds/", "views/"]), z.string()]),
    kind: z.enum(NOTE_KINDS),
    ref: z.string(),
  }),
});

const CONNECT_MS = 2_000;
/** The lease is renewed over these connections: an answer that takes longer comes too late. */
const ANSWER_MS = 1_500;
const RECONNECT_MS = 1_000;

export class Hints {
  readonly #database: Database;
  #listener: Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** Hints on their way, and those that are to be given again because something happened meanwhile. */
  readonly #sending = new Map<string, { again: boolean }>();
  #sends: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly self: { lakeId: string; from: string },
    private readonly log: Log,
    private readonly onHint: (hint: Hint) => void,
    private readonly onNote: (note: NoteFrame) => void,
  ) {
    const pool = new Pool({
      connectionString: url,
      application_name: "weir leases",
      max: 2,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: ANSWER_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    this.#database = overPool(pool, (error) => log.debug({ err: error }, "a connection for leases ended"));
  }

  /** From now on `onHint` is called; what was said before is not told. */
  listen(): void {
    void this.#listen();
  }

  /** For the leases: connections that nothing else keeps busy. */
  get db(): ControlDb {
    return this.#database.db;
  }

  /** Returns at once. Several of the same kind on their way are one. */
  give(channel: Channel, feed: string): void {
    this.#give(channel, JSON.stringify({ ...this.self, feed }));
  }

  /** The same for what open pages of the other processes are to hear. */
  giveNote(note: NoteFrame): void {
    this.#give(NOTES, JSON.stringify({ ...this.self, note }));
  }

  #give(channel: string, payload: string): void {
    const key = `${channel} ${payload}`;
    const sending = this.#sending.get(key);
    if (sending) {
      sending.again = true;
      return;
    }
    if (this.#isClosed) return;
    const entry = { again: false };
    this.#sending.set(key, entry);
    const sent = this.#database.pool
      .query("SELECT pg_notify($1, $2)", [channel, payload])
      .catch((error: unknown) => this.log.debug({ err: error, channel }, "a hint was not given"))
      .then(() => {
        this.#sending.delete(key);
        if (entry.again) this.#give(channel, payload);
      });
    this.#sends = Promise.all([this.#sends, sent]);
  }

  async close(): Promise<void> {
    await this.#sends;
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#listener?.end().catch((error: unknown) => this.log.debug({ err: error }, "closing the listener"));
    await this.#database.close();
  }

  async #listen(): Promise<void> {
    if (this.#isClosed) return;
    const client = new Client({
      connectionString: this.url,
      application_name: "weir hints",
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    let isOver = false;
    const again = (error: Error | null) => {
      if (isOver) return;
      isOver = true;
      if (this.#listener === client) this.#listener = null;
      if (this.#isClosed) return;
      this.log.debug({ err: error }, "hints of other processes are not heard; trying again");
      client.end().catch((fault: unknown) => this.log.debug({ err: fault }, "closing a lost listener"));
      this.#timer = setTimeout(() => void this.#listen(), RECONNECT_MS);
      this.#timer.unref();
    };
    client.on("error", again);
    client.on("end", () => again(null));
    client.on("notification", ({ channel, payload }) => this.#hear(channel, payload ?? ""));
    try {
      this.#listener = client;
      await client.connect();
      for (const channel of [...CHANNELS, NOTES]) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      again(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #hear(name: string, payload: string): void {
    if (name === NOTES) return this.#hearNote(payload);
    const channel = CHANNELS.find((known) => known === name);
    const parsed = hint.safeParse(jsonOrNull(payload));
    if (channel === undefined || !parsed.success || !this.#isForUs(parsed.data)) return;
    this.onHint({ ...parsed.data, channel });
  }

  #hearNote(payload: string): void {
    const parsed = noteHint.safeParse(jsonOrNull(payload));
    if (parsed.success && this.#isForUs(parsed.data)) this.onNote(parsed.data.note);
  }

  #isForUs({ lakeId, from }: { lakeId: string; from: string }): boolean {
    return lakeId === this.self.lakeId && from !== this.self.from;
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // anybody may notify: what is no hint is not heard
  }
}
