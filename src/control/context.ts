/**
 * What a verb of the control plane is given, and how it reaches the database.
 *
 * A verb is one file and one function `verbEntity(ctx, input)`: it checks the scope (`requireRole`, `requireFeed`), parses its
 * input (`parseInput`), does its work in one transaction and leaves an audit row in it (`audit`). Verbs may call each other:
 * inside a transaction they are given its context, and all of it is done or none.
 */
import type { Clock } from "../clock";
import type { Feed } from "../model/feed";
import type { Actor } from "./actor";
import type { ControlPlane } from "./control-plane";
import type { ControlDb, Tx } from "./db/database";
import type { RightsChanges } from "./rights";

export interface ControlContext {
  control: Pick<ControlPlane, "database" | "explain" | "kept">;
  /** Told after somebody's rights changed. */
  rights: Pick<RightsChanges, "announce">;
  actor: Actor;
  /** Address of the one who asks; null for the program itself. */
  ip: string | null;
  requestId: string | null;
  /** For inputs that name one. */
  feeds: readonly Feed[];
  clock: Clock;
  newId: () => string;
  /** How long a verb waits for a database that is still starting, ms. Pages wait for nothing. */
  patienceMs: number;
  /** The transaction under way. */
  tx?: Tx;
}

/** As much of it as reading needs. */
export type ReadingContext = Pick<ControlContext, "control" | "patienceMs" | "tx">;

/** The context inside of a transaction. */
export type TxContext = ControlContext & { tx: Tx };

/**
 * Runs `work` in a transaction, in the one under way if there is one. Inside, use `tx` alone: the embedded database has one
 * session, and asking it beside the transaction waits for its end.
 *
 * @throws AppError control-unavailable, and what `work` throws, which undoes everything
 */
export async function withTransaction<T>(
  ctx: ControlContext,
  work: (tx: Tx, inside: TxContext) => Promise<T>,
): Promise<T> {
  const { tx: outer } = ctx;
  if (outer) return work(outer, { ...ctx, tx: outer });
  const db = await ctx.control.database(ctx.patienceMs);
  try {
    return await explained(ctx, () => db.transaction((tx) => work(tx, { ...ctx, tx })));
  } finally {
    // However it ended: whether it was committed is not known when its connection was lost.
    ctx.control.kept.changed();
  }
}

/** For reading: one query, or several that need not agree. @throws AppError control-unavailable */
export async function withDatabase<T>(ctx: ReadingContext, work: (db: ControlDb | Tx) => Promise<T>): Promise<T> {
  const { tx } = ctx;
  if (tx) return work(tx);
  const db = await ctx.control.database(ctx.patienceMs);
  return explained(ctx, () => work(db));
}

/**
 * The same for what pages ask for again and again: asked once until somebody decides something. The answer is shared, so
 * nobody changes it.
 *
 * @param question names it, with all that the answer depends on
 * @throws AppError control-unavailable
 */
export async function withKept<T>(
  ctx: ReadingContext,
  question: string,
  work: (db: ControlDb | Tx) => Promise<T>,
): Promise<T> {
  const { tx } = ctx;
  if (tx) return work(tx);
  const db = await ctx.control.database(ctx.patienceMs);
  // A query is asked anew whenever it is awaited; what is kept is its answer.
  return explained(ctx, () => ctx.control.kept.get(question, async () => work(db)));
}

async function explained<T>({ control }: Pick<ControlContext, "control">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw control.explain(error);
  }
}
