/**
 * The audit rows of what people do outside of the database: to pins and dead letters, which lie beside the tables. No transaction
 * spans both, and an operator who mends an incident is not held up by a database that is away. So the deed is done first, and
 * its row is written right after it, or as soon as the database is there; until then it is in memory, bounded, and in the log of
 * the server, which is all that is left of it when the process is killed meanwhile.
 */
import type { Log } from "../../log";
import { AppError } from "../../model/app-error";
import { withTransaction, type ControlContext } from "../context";
import { audit, type AuditEntry } from "./audit";

const AGAIN_AFTER_MS = 2_000;
const MOST_WAITING = 1_000;

interface Deed {
  ctx: ControlContext;
  entry: AuditEntry;
  /** Whether it is in the server's log: it is, once it has to wait. */
  isTold: boolean;
}

export interface DeedLogOptions {
  log: Log;
  againAfterMs?: number;
}

export class DeedLog {
  /** In the order in which they were done. */
  #waiting: Deed[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(private readonly options: DeedLogOptions) {}

  /** Returns at once and never throws. */
  note(ctx: ControlContext, entry: AuditEntry): void {
    const at = ctx.clock.now();
    // It is of when it was done, whenever it is written; and nobody waits for a database that is starting.
    this.#waiting.push({ ctx: { ...ctx, clock: { now: () => at }, patienceMs: 0 }, entry, isTold: false });
    if (this.#waiting.length > MOST_WAITING)
      this.#tell("is in this log alone: too many wait for the database", this.#waiting.shift()!);
    void this.#write();
  }

  /** Tries once more. What is left is in the log. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    // One that is under way may have been told already that the database is away.
    await this.#writing;
    await this.#write();
    for (const deed of this.#waiting) this.#tell("is in this log alone: the database was away until the end", deed);
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const [deed] = this.#waiting;
      if (!(await this.#isWritten(deed!))) break;
      this.#waiting = this.#waiting.filter((one) => one !== deed);
    }
    for (const deed of this.#waiting) {
      if (!deed.isTold) this.#tell("waits for the database: it is not in the audit log yet", deed);
      deed.isTold = true;
    }
    if (this.#waiting.length > 0 && !this.#isClosed) this.#tryAgain();
  }

  /** False when it is to be tried again. */
  async #isWritten(deed: Deed): Promise<boolean> {
    const { ctx, entry } = deed;
    try {
      await withTransaction(ctx, (_tx, inside) => audit(inside, entry));
      return true;
    } catch (error) {
      const isAway = error instanceof AppError && error.code === "control-unavailable";
      if (isAway) return false;
      this.options.log.error({ error, ...told(deed) }, "what somebody did could not be written to the audit log");
      return true;
    }
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
