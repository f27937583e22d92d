/**
 * Several processes on one lake: of each feed one writes, the others read along and stage for it. Joins the leases and the hints
 * of src/control with the lake, ingest and live, in which nobody knows of them.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { Gauge } from "prom-client";
import type { ControlPlane } from "./control/control-plane";
import { Hints, type Hint } from "./control/lease/hints";
import { LeaseKeeper } from "./control/lease/lease-keeper";
import type { Ingest } from "./ingest/ingest";
import type { SharedTables } from "./lake/open";
import type { OpenTerm } from "./lake/writer";
import type { Live } from "./live/live";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { AppError } from "./model/app-error";
import type { Feed } from "./model/feed";
import type { NoteFrame } from "./model/note-kind";

export interface ProcessesOptions {
  databaseUrl: string;
  lakeId: string;
  feeds: readonly Feed[];
  sharedOf: (feed: string) => SharedTables;
  log: Log;
  metrics: Metrics;
}

/** Who writes a feed, as the API tells it. */
export interface FeedWriterInfo {
  /** It is the process that answers. */
  here: boolean;
  host: string;
  pid: number;
  address: string | null;
  /** Number of its lease. */
  lease: number;
  since: number;
}

/** A look without a hint: hints may be lost. */
const LOOK_MS = 1_000;
/** A database that takes this long to open is away. */
const PATIENCE_MS = 5_000;

export class Processes {
  readonly #self = { id: randomUUID(), host: hostname(), pid: process.pid, address: null as string | null };
  readonly #hints: Hints;
  #keeper: LeaseKeeper | null = null;
  #parts: { ingest: Ingest; live: Live; onNote: (note: NoteFrame) => void } | null = null;
  /** Changes of one feed's writer come one after the other. */
  readonly #turns = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #looks: Promise<unknown> = Promise.resolve();
  #isLooking = false;

  constructor(private readonly options: ProcessesOptions) {
    const { databaseUrl, lakeId, log } = options;
    this.#hints = new Hints(
      databaseUrl,
      { lakeId, from: this.#self.id },
      log.child({ area: "leases" }),
      (hint) => this.#hear(hint),
      (note) => {
        this.#parts?.live.note(note);
        this.#parts?.onNote(note);
      },
    );
  }

  /** What lets this process write a feed. */
  openTermOf = ({ name }: Feed): OpenTerm => {
    return () => {
      if (this.#keeper) return this.#keeper.term(name);
      throw new AppError("engine-unavailable", `This server has not asked for the lease of feed ${name} yet.`);
    };
  };

  /** Begins to take leases, and to look at what others do. */
  async start(parts: {
    ingest: Ingest;
    live: Live;
    control: ControlPlane;
    /** Told of what was decided elsewhere. */
    onNote: (note: NoteFrame) => void;
  }): Promise<void> {
    const { feeds, sharedOf, lakeId, log, metrics } = this.options;
    this.#parts = parts;
    const seen = feeds.map(async ({ name }) => ({ feed: name, seenFence: await sharedOf(name).newestFence() }));
    const keeper = new LeaseKeeper({
      // The schema is the control plane's to bring up; from then on the leases have connections of their own.
      database: async () => {
        if (!this.#isMigrated) await parts.control.database(PATIENCE_MS);
        this.#isMigrated = true;
        return this.#hints.db;
      },
      lakeId,
      holder: this.#self,
      feeds: await Promise.all(seen),
      log: log.child({ area: "leases" }),
      onTaken: (feed) => this.#inTurn(feed, () => this.#lead(feed)),
      onEnded: (feed) => this.#inTurn(feed, () => this.#follow(feed)),
      onNews: () => this.#tellReasons(),
    });
    this.#keeper = keeper;
    new Gauge({
      name: "weir_lease_held",
      help: "1 for a feed that this process writes, of those that share its lake.",
      labelNames: ["feed"],
      registers: [metrics],
      collect() {
        for (const { name } of feeds) this.set({ feed: name }, keeper.isHeld(name) ? 1 : 0);
      },
    });
    this.#tellReasons();
    keeper.start();
    this.#hints.listen();
    this.#timer = setInterval(() => this.#lookAll(), LOOK_MS);
    this.#timer.unref();
  }

  #isMigrated = false;

  /** Where this process serves. */
  announce(address: string): void {
    this.#keeper?.announce(address);
  }

  /** A commit of ours: the others are told. */
  committed(feed: string): void {
    this.#hints.give("weir_commit", feed);
  }

  /** This process staged what another is to commit. */
  staged(feed: string): void {
    this.#hints.give("weir_staged", feed);
  }

  /** Somebody has decided something: open pages of the other processes are told. */
  noted(note: NoteFrame): void {
    this.#hints.giveNote(note);
  }

  /** Who writes a feed; null when nobody does, or that cannot be told. */
  writerOf(feed: string): FeedWriterInfo | null {
    const lease = this.#keeper?.writerOf(feed);
    if (!lease) return null;
    const { host, pid, address, id } = lease.holder;
    return { here: id === this.#self.id, host, pid, address, lease: lease.fence, since: lease.takenAt };
  }

  /** Takes nothing new, before ingest ends. */
  stopTaking(): void {
    this.#keeper?.stopTaking();
    if (this.#timer) clearInterval(this.#timer);
  }

  /** Gives the leases back, after the last commit. */
  async close(): Promise<void> {
    this.stopTaking();
    await Promise.allSettled([...this.#turns.values(), this.#looks]);
    const held = this.options.feeds.filter(({ name }) => this.#keeper?.isHeld(name));
    await this.#keeper?.close();
    for (const { name } of held) this.#hints.give("weir_lease", name);
    await this.#hints.close();
  }

  async #lead(feed: string): Promise<void> {
    const { ingest } = this.#parts!;
    if (!this.#keeper!.isHeld(feed)) return; // it has ended meanwhile
    await this.options.sharedOf(feed).lead();
    await ingest.look(feed);
    ingest.lead(feed);
  }

  async #follow(feed: string): Promise<void> {
    const { ingest } = this.#parts!;
    this.#tellReasons();
    await ingest.follow(feed);
    this.options.sharedOf(feed).follow();
    void this.#look(feed);
  }

  #inTurn(feed: string, work: () => Promise<void>): void {
    const turn = (this.#turns.get(feed) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      this.options.log.error(
        { err: error, feed },
        "the change of a feed's writer failed; it is tried with the next one",
      );
    });
    this.#turns.set(feed, turn);
  }

  #hear({ channel, feed }: Hint): void {
    if (!this.options.feeds.some(({ name }) => name === feed)) return;
    if (channel === "weir_lease") return this.#keeper?.hurry();
    if (channel === "weir_staged" && !this.#keeper?.isHeld(feed)) return;
    void this.#look(feed);
  }

  #lookAll(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const looks = this.options.feeds.map(({ name }) => this.#look(name));
    void Promise.allSettled(looks).then(() => (this.#isLooking = false));
  }

  /** At what others staged or committed, and at their commits. */
  #look(feed: string): Promise<void> {
    const { ingest, live } = this.#parts!;
    if (!this.#keeper?.isHeld(feed)) live.look(feed);
    const look = ingest.look(feed).catch((error: unknown) => {
      this.options.log.warn({ err: error, feed }, "the staging area could not be looked at");
    });
    this.#looks = look;
    return look;
  }

  /** Feeds that nobody writes say so. */
  #tellReasons(): void {
    const { fault } = this.#keeper!;
    for (const { name } of this.options.feeds) {
      const isWritten = this.#keeper!.isHeld(name) || this.writerOf(name) !== null;
      const why =
        fault === null
          ? "No server holds the lease of this feed at present; one takes it within seconds. What is sent is kept."
          : `The database that tells which server writes this feed cannot be asked (${fault}). What is sent is kept and committed when it answers again.`;
      this.#parts!.ingest.setStalled(name, isWritten ? null : why);
    }
  }
}
