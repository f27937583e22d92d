/** Looks in the table, through the public interface, for everything that was acknowledged. */
import { setTimeout as pass } from "node:timers/promises";

const EVERY_MS = 2_000;
const LAST_LOOKS = 20;
const BETWEEN_LAST_LOOKS_MS = 250;

/** @param {{ api: import("./api.mjs").Api, ledger: import("./ledger.mjs").Ledger, clock: import("./clocks.mjs").LaneClock, signal: AbortSignal }} parts */
export async function keepChecking({ api, ledger, clock, signal }) {
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS);
    await checkOnce(api, ledger);
  }
}

/** The last look: until nothing that was acknowledged is open, or the server had time enough to commit it. */
export async function checkWhatIsOpen(api, ledger) {
  for (let looks = 0; looks < LAST_LOOKS && ledger.toCheck().length > 0; looks++) {
    await checkOnce(api, ledger);
    await pass(BETWEEN_LAST_LOOKS_MS);
  }
}

async function checkOnce(api, ledger) {
  const checked = ledger.toCheck();
  if (checked.length === 0) return;
  const times = checked.map((it) => it.eventTime);
  try {
    // In this order: what is not staged any more when the question is asked must be in the answer to the second one.
    const nothingStaged = (await api.feed()).staged.events === 0;
    ledger.check(checked, await api.rows(Math.min(...times), Math.max(...times) + 1), nothingStaged);
  } catch (error) {
    if (!isAway(error)) throw error;
  }
}

/** The server is being started again, or answered with an error: the next check asks again, nothing is lost by it. */
const isAway = (error) =>
  error instanceof TypeError || / answered 5\d\d\.$/.test(error.message) || error.name === "AbortError";
