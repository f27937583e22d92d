/**
 * Keeps the live stage grouping by the rules that people made: it looks for them when it is told to and every now and then,
 * because another process may have changed them. While the database is away the rules that were read last stay in force; before
 * it was there once, there are none.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import { AppError } from "../../model/app-error";
import { SYSTEM } from "../actor";
import type { ControlContext } from "../context";
import type { ControlPlane } from "../control-plane";
import type { RightsChanges } from "../rights";
import { listProblemRules } from "./list-problem-rules";
import type { KeptRule } from "./problem-rule";

export interface RuleKeeperOptions {
  control: ControlPlane;
  rights: Pick<RightsChanges, "announce">;
  clock: Clock;
  log: Log;
  /** Given all rules after each look. */
  apply: (rules: readonly KeptRule[]) => void;
  everyMs?: number;
}

const EVERY_MS = 2_000;

export class RuleKeeper {
  readonly #timer: NodeJS.Timeout;
  /** The look under way, and whether another is to follow it because something changed since it began. */
  #running: Promise<void> | null = null;
  #isStale = false;

  constructor(private readonly options: RuleKeeperOptions) {
    this.#timer = setInterval(() => void this.look(), options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** Resolves when what was kept before the call is applied, or cannot be read. Never rejects. */
  async look(): Promise<void> {
    if (this.options.control.state.kind !== "ready") return;
    if (this.#running) {
      this.#isStale = true;
      return this.#running;
    }
    this.#running = this.#lookUntilFresh().finally(() => (this.#running = null));
    return this.#running;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStale = false;
    await this.#running;
  }

  async #lookUntilFresh(): Promise<void> {
    do {
      this.#isStale = false;
      try {
        this.options.apply(await listProblemRules(this.#context()));
      } catch (error) {
        // A database that is away is told of elsewhere, and looked for again.
        if (!(error instanceof AppError)) this.options.log.error({ error }, "rules of problems could not be read");
      }
    } while (this.#isStale);
  }

  #context(): ControlContext {
    const { control, rights, clock } = this.options;
    const asked = { ip: null, requestId: null, feeds: [], patienceMs: 0 };
    return { control, rights, clock, actor: SYSTEM, newId: randomUUID, ...asked };
  }
}
