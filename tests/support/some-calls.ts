/**
 * Tests that try a fault at the calls of a storage: one in three of them, and in every run others, because each try opens
 * tables and commits anew. WEIR_TEST_DEPTH=full tries them all; a failure names the seed that tries the same again.
 */
import { isFull, SEED } from "./depth";

const ONE_IN = 3;
/** What a commit or a round of maintenance calls at most, far above what they do. */
const MOST_CALLS = 200;

/**
 * Runs `attempt` for calls n = 1, 2, … until the work no longer makes that many: that last one, without a fault, is always tried.
 *
 * @param attempt goes wrong at the n-th call; resolves with whether there was one
 */
export async function forSomeCalls(attempt: (n: number) => Promise<boolean>): Promise<void> {
  const step = isFull ? 1 : ONE_IN;
  for (let n = isFull ? 1 : 1 + (SEED % ONE_IN); n < MOST_CALLS; n += step) if (!(await tryCall(n, attempt))) return;
  throw new Error(`There are more than ${MOST_CALLS} calls.`);
}

async function tryCall(n: number, attempt: (n: number) => Promise<boolean>): Promise<boolean> {
  try {
    return await attempt(n);
  } catch (error) {
    if (error instanceof Error) error.message = `with a fault at call ${n} (CRASH_SEED=${SEED}): ${error.message}`;
    throw error;
  }
}
