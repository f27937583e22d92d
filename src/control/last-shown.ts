/**
 * What somebody was shown last of what is kept in the database, for pages while it is away. It is kept by person: nobody sees
 * from here what they were not shown from the database before, and what this process has withdrawn from them is gone here too.
 * In memory of this process, bounded by entries and by size; those that were not looked at for longest go first.
 */
import pTimeout from "p-timeout";
import { AppError } from "../model/app-error";
import type { Actor } from "./actor";
import type { ControlContext } from "./context";

const MOST_KEPT = 2_000;
const MOST_CHARACTERS = 32 * 1024 * 1024;
/** It answers in a few milliseconds; one that does not is treated as one that is away: no page waits for it. */
const PATIENCE_MS = 1_000;
const RETRY_AFTER_MS = 5_000;

interface Kept {
  value: unknown;
  size: number;
  /** Epoch ms. */
  at: number;
}

/** Of a list, or of one thing by its id. */
export type ShownName = string;

export const DASHBOARDS: ShownName = "dashboards";
export const dashboardNamed = (id: string): ShownName => `dashboard ${id}`;
export const savedViewNamed = (id: string): ShownName => `saved view ${id}`;

export class LastShown {
  /** By person and name; the one that was kept or looked at last comes last. */
  readonly #kept = new Map<string, Kept>();
  #size = 0;
  /** Counts what was withdrawn: what was asked before that is not kept after it. */
  #withdrawn = 0;

  get withdrawn(): number {
    return this.#withdrawn;
  }

  keep({ id }: Actor, name: ShownName, value: unknown, at: number): void {
    const key = keyOf(id, name);
    this.#drop(key);
    const size = JSON.stringify(value).length;
    if (size > MOST_CHARACTERS) return;
    this.#kept.set(key, { value, size, at });
    this.#size += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT && this.#size <= MOST_CHARACTERS) break;
      this.#drop(oldest);
    }
  }

  find({ id }: Actor, name: ShownName): Kept | null {
    const key = keyOf(id, name);
    const found = this.#kept.get(key);
    if (found === undefined) return null;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found;
  }

  /** For everybody: it is no more, or no longer theirs. */
  withdraw(...names: readonly ShownName[]): void {
    this.#withdrawn += 1;
    for (const key of [...this.#kept.keys()]) if (names.some((name) => key.endsWith(keyOf("", name)))) this.#drop(key);
  }

  /** For one person. */
  forget({ id }: Actor, name: ShownName): void {
    this.#drop(keyOf(id, name));
  }

  #drop(key: string): void {
    this.#size -= this.#kept.get(key)?.size ?? 0;
    this.#kept.delete(key);
  }
}

/** As much of the context as it takes. */
export type ReaderContext = Pick<ControlContext, "actor" | "clock"> & { control: object };

/** Names and ids have no line breaks. */
const keyOf = (actorId: string, name: ShownName): string => `${actorId}\n${name}`;

const all = new WeakMap<object, LastShown>();

/** Those of one control plane, which is one process. */
export function lastShownOf({ control }: Pick<ReaderContext, "control">): LastShown {
  const known = all.get(control);
  if (known) return known;
  const made = new LastShown();
  all.set(control, made);
  return made;
}

/**
 * What the database has, or while it is away what it said last to the one who asks.
 *
 * @returns with when that was, epoch ms; null = just now
 * @throws AppError control-unavailable when there is nothing to show instead, and what `ask` throws
 */
export async function readOrLastShown<T>(
  ctx: ReaderContext,
  name: ShownName,
  ask: () => Promise<T>,
): Promise<{ value: T; keptAt: number | null }> {
  const reads = lastShownOf(ctx);
  const kept = reads.find(ctx.actor, name);
  try {
    const asked = askAndKeep(ctx, reads, name, ask);
    // What comes later is kept for the next who asks.
    return { value: await pTimeout(asked, { milliseconds: PATIENCE_MS, fallback: refuse }), keptAt: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "control-unavailable" || kept === null) throw error;
    return { value: kept.value as T, keptAt: kept.at };
  }
}

async function askAndKeep<T>(ctx: ReaderContext, reads: LastShown, name: ShownName, ask: () => Promise<T>): Promise<T> {
  const { withdrawn } = reads;
  try {
    const value = await ask();
    if (reads.withdrawn === withdrawn) reads.keep(ctx.actor, name, value, ctx.clock.now());
    return value;
  } catch (error) {
    // It is no more, or no longer theirs: somebody else has changed that, in another process perhaps.
    if (!(error instanceof AppError) || error.code !== "control-unavailable") reads.forget(ctx.actor, name);
    throw error;
  }
}

function refuse(): never {
  throw new AppError(
    "control-unavailable",
    "The database that keeps what people decide does not answer just now: try again in a few seconds. Events and pages are not affected.",
    { retryAfterMs: RETRY_AFTER_MS },
  );
}
