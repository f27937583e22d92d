/** Attempts to sign in, counted for all processes that share a database. */
import { createHash } from "node:crypto";
import { and, desc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import type { ControlDb, Tx } from "../db/database";
import { signInAttempt } from "../db/schema/sign-in-attempt";
import { counted, FORGOTTEN_MS, isOver, type AttemptKey, type Tries } from "./tries";

/** Whoever guesses from ever new addresses fills the table up to here: those that were counted longest ago are let go. */
const MOST_ROWS = 100_000;
const ROWS_PER_SWEEP = 20_000;

export interface Counted {
  /** False = somebody has to wait, and nothing was counted. */
  isCounted: boolean;
  /** By the key that was given, as they are now. */
  tries: Map<string, Tries>;
}

/** Counts an attempt, unless it comes too early. Who counts the same at the same time waits for the other. */
export async function countInDatabase(db: ControlDb, keys: readonly AttemptKey[], now: number): Promise<Counted> {
  // In one order, so that two who hold several at once do not wait for each other.
  const hashed = keys.map((one) => ({ ...one, hash: hashOf(one.key) })).sort((a, b) => (a.hash < b.hash ? -1 : 1));
  if (hashed.length === 0) return { isCounted: true, tries: new Map() };
  return db.transaction(async (tx) => {
    const before = await holdRows(
      tx,
      hashed.map(({ hash }) => hash),
      now,
    );
    const isEarly = hashed.some(({ hash }) => now < before.get(hash)!.next && !isOver(before.get(hash)!, now));
    const tries = new Map<string, Tries>();
    for (const { key, kind, hash } of hashed) {
      const given = before.get(hash)!;
      const after = isEarly ? given : counted(given, kind, now);
      tries.set(key, after);
      if (!isEarly) await tx.update(signInAttempt).set(rowOf(after)).where(eq(signInAttempt.key, hash));
    }
    return { isCounted: !isEarly, tries };
  });
}

/** It was right: the account is its owner's again, and of the address this attempt is taken back. */
export async function takeBackInDatabase(db: ControlDb, keys: readonly AttemptKey[]): Promise<void> {
  const of = (kind: AttemptKey["kind"]) => keys.filter((one) => one.kind === kind).map(({ key }) => hashOf(key));
  const [accounts, addresses] = [of("account"), of("address")];
  if (accounts.length > 0) await db.delete(signInAttempt).where(inArray(signInAttempt.key, accounts));
  if (addresses.length === 0) return;
  const ours = inArray(signInAttempt.key, addresses);
  await db
    .update(signInAttempt)
    .set({ count: sql`${signInAttempt.count} - 1`, nextAt: new Date(0) })
    .where(and(ours, gt(signInAttempt.count, 0)));
}

/**
 * Holds the rows of these, in their order, until the transaction ends; those that were not counted yet are made with a count of
 * none. In one statement: between two somebody else might take a row away.
 */
async function holdRows(tx: Tx, hashes: readonly string[], now: number): Promise<Map<string, Tries>> {
  const nothing = { count: 0, lastAt: new Date(now), nextAt: new Date(0) };
  const rows = await tx
    .insert(signInAttempt)
    .values(hashes.map((key) => ({ key, ...nothing })))
    // Changes nothing, but holds the row that is there.
    .onConflictDoUpdate({ target: signInAttempt.key, set: { count: sql`${signInAttempt.count}` } })
    .returning();
  return new Map(
    rows.map(({ key, count, lastAt, nextAt }) => [
      key,
      { count, last: lastAt.getTime(), next: nextAt.getTime() } satisfies Tries,
    ]),
  );
}

/**
 * Takes away what is forgotten, and what there is too much of. Rows that somebody holds are left to them: nobody waits for anybody
 * here.
 */
export async function clearAwayInDatabase(db: ControlDb, now: number): Promise<void> {
  const { key, lastAt } = signInAttempt;
  const [tooMany] = await db.select({ lastAt }).from(signInAttempt).orderBy(desc(lastAt)).offset(MOST_ROWS).limit(1);
  const oldest = Math.max(now - FORGOTTEN_MS, tooMany?.lastAt.getTime() ?? 0);
  const free = db
    .select({ key })
    .from(signInAttempt)
    .where(lte(lastAt, new Date(oldest)))
    .limit(ROWS_PER_SWEEP)
    .for("update", { skipLocked: true });
  await db.delete(signInAttempt).where(inArray(key, free));
}

const rowOf = ({ count, last, next }: Tries) => ({ count, lastAt: new Date(last), nextAt: new Date(next) });

const hashOf = (key: string): string => createHash("sha256").update(key).digest("base64url");
