/**
 * The audit rows of what people do outside of the database: to pins and dead letters, which lie beside the tables. No transaction
 * spans both, and an operator who mends an incident is not held up by a database that is away. So the deed is done first, and
 * its row is written right after it, or as soon as the database is there; until then it is in memory, bounded, and in the log of
 * the server, which is all that is left of it when the process is killed meanwhile.
 *
 * A database that is there and refuses a row may take it a minute later: its disk was full, a statement took too long. So that is
 * tried again too, behind the others, and given up only after a while.
 */
import type { Log } from "../../log";
import { AppError } from "../../model/app-error";
import { withTransaction, type ControlContext } from "../context";
import { audit, type AuditEntry } from "./audit";

const AGAIN_AFTER_MS = 2_000;
const MOST_WAITING = 1_000;
/** How often a row is refused before it is given up: five minutes of it. */
const MOST_TRIES = 150;

interface Deed {
  ctx: ControlContext;
  entry: AuditEntry;
  /** Whether it is in the server's log: it is, once it has to wait. */
  isTold: boolean;
  /** How often the database has refused it, and why the last time. */
  refusals: number;
  refusal: string | null;
}

export interface DeedLogOptions {
  log: Log;
  againAfterMs?: number;
  mostTries?: number;
}

/** What came of an attempt to write a row. */
type Outcome = "done" | "away" | "refused";

export class DeedLog {
  /** In the order in which they were done; behind them what the database has refused. */
  #waiting: Deed[] = [];
  /** The first of them, while it is written. */
  #underWay: Deed | null = null;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(private readonly options: DeedLogOptions) {}

  /** Returns at once and never throws. */
  note(ctx: ControlContext, entry: AuditEntry): void {
    const at = ctx.clock.now();
    // It is of when it was done, whenever it is written; and nobody waits for a database that is starting.
    const later = { ...ctx, clock: { now: () => at }, patienceMs: 0 };
    this.#waiting.push({ ctx: later, entry, isTold: false, refusals: 0, refusal: null });
    if (this.#waiting.length > MOST_WAITING) this.#letGo();
    void this.#write();
  }

  /** Of the oldest, but not of one that may be in the audit log in a moment. */
  #letGo(): void {
    const oldest = this.#waiting[0] === this.#underWay ? 1 : 0;
    for (const deed of this.#waiting.splice(oldest, 1))
      this.#tell("is in this log alone: too many wait for the database", deed);
  }

  /** Tries once more. What is left is in the log. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    // One that is under way may have been told already that the database is away.
    await this.#writing;
    await this.#write();
    for (const deed of this.#waiting)
      this.#tell("is in this log alone: the database did not take it until the end", deed);
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const deed = (this.#underWay = this.#waiting[0]!);
      const outcome = await this.#written(deed);
      this.#underWay = null;
      if (outcome === "away") break;
      this.#waiting.shift();
      if (outcome === "done") continue;
      // What is wrong with this one need not be wrong with the others, but may be: they are tried in the next round.
      this.#waiting.push(deed);
      break;
    }
    for (const deed of this.#waiting) {
      if (!deed.isTold) this.#tell("waits for the database: it is not in the audit log yet", deed);
      deed.isTold = true;
    }
    if (this.#waiting.length > 0 && !this.#isClosed) this.#tryAgain();
  }

  async #written(deed: Deed): Promise<Outcome> {
    const { ctx, entry } = deed;
    try {
      await withTransaction(ctx, (_tx, inside) => audit(inside, entry));
      return "done";
    } catch (error) {
      if (error instanceof AppError && error.code === "control-unavailable") return "away";
      return this.#refused(deed, error);
    }
  }

  /** Whether it is given up. In the log is each new reason, not each attempt. */
  #refused(deed: Deed, error: unknown): Outcome {
    const reason = reasonOf(error);
    deed.refusals += 1;
    const isGivenUp = deed.refusals >= (this.options.mostTries ?? MOST_TRIES);
    if (isGivenUp || reason !== deed.refusal)
      this.options.log.error(
        { error, ...told(deed) },
        isGivenUp
          ? "what somebody did is in this log alone: the database refused it again and again"
          : "what somebody did could not be written to the audit log: it is tried again",
      );
    deed.refusal = reason;
    deed.isTold = true;
    return isGivenUp ? "done" : "refused";
  }

  #tryAgain(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), this.options.againAfterMs ?? AGAIN_AFTER_MS);
    this.#timer.unref();
  }

  #tell(why: string, deed: Deed): void {
    this.options.log.warn(told(deed), `what somebody did ${why}`);
  }
}

const told = ({ ctx: { actor, ip, requestId, clock }, entry }: Deed): object => ({
  audit: { at: new Date(clock.now()).toISOString(), actor: actor.id, ip, requestId, ...entry },
});

/** What the client of the database says of the innermost error; Drizzle wraps it in one that quotes the whole statement. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
