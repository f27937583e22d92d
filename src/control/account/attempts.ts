/**
 * How often somebody may try to sign in: a few wrong guesses at once, then after pauses that double. Counted by the address
 * that asks and by the account that is named, whether there is such an account or not. In memory of this process, bounded.
 */
import type { Clock } from "../../clock";
import { AppError } from "../../model/app-error";

/** Guesses without a pause. Behind one address there may be an office. */
const FREE = { address: 20, account: 5 } as const;
const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 15 * 60_000;
/** Whoever guesses no more is forgotten. */
const FORGOTTEN_MS = 60 * 60_000;
const MOST_KEPT = 20_000;

interface Tries {
  count: number;
  last: number;
  /** Not before, epoch ms. */
  next: number;
}

export interface Guesser {
  address: string | null;
  /** Whatever names the account: an address, an id. Null = there is one for all. */
  account: string | null;
}

export class Attempts {
  readonly #tries = new Map<string, Tries>();

  constructor(private readonly clock: Clock) {}

  /**
   * Counts an attempt before it is made, so that many at once do not slip through.
   *
   * @returns to be called when it was right: it was no guess then
   * @throws AppError rate-limited with the time to wait
   */
  begin(guesser: Guesser): () => void {
    const now = this.clock.now();
    const keys = keysOf(guesser);
    for (const { key } of keys) {
      const tries = this.#triesOf(key, now);
      if (tries !== undefined && now < tries.next) throw tooMany(tries.next - now);
    }
    for (const { key, kind } of keys) this.#count(key, FREE[kind], now);
    return () => {
      for (const { key, kind } of keys) this.#wasRight(key, kind);
    };
  }

  #triesOf(key: string, now: number): Tries | undefined {
    const tries = this.#tries.get(key);
    if (tries === undefined || now - tries.last < FORGOTTEN_MS) return tries;
    this.#tries.delete(key);
    return undefined;
  }

  #count(key: string, free: number, now: number): void {
    const count = (this.#triesOf(key, now)?.count ?? 0) + 1;
    const over = count - free;
    const pause = over < 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(over, 20));
    this.#tries.delete(key); // the newest come last
    this.#tries.set(key, { count, last: now, next: now + pause });
    if (this.#tries.size <= MOST_KEPT) return;
    const [oldest] = this.#tries.keys();
    this.#tries.delete(oldest!);
  }

  /** The account is its owner's again; of the address only this attempt is taken back, for it may have guessed others. */
  #wasRight(key: string, kind: keyof typeof FREE): void {
    const tries = this.#tries.get(key);
    if (tries === undefined) return;
    if (kind === "account" || tries.count <= 1) this.#tries.delete(key);
    else this.#tries.set(key, { ...tries, count: tries.count - 1, next: 0 });
  }
}

const keysOf = ({ address, account }: Guesser): { key: string; kind: keyof typeof FREE }[] => [
  ...(address === null ? [] : [{ key: `address ${networkOf(address)}`, kind: "address" as const }]),
  ...(account === null ? [] : [{ key: `account ${account.toLowerCase().slice(0, 300)}`, kind: "account" as const }]),
];

/** With IPv6 one household has a whole /64. */
const networkOf = (address: string): string =>
  address.includes(":") && !address.includes(".") ? address.split(":").slice(0, 4).join(":") : address;

const tooMany = (waitMs: number): AppError =>
  new AppError("rate-limited", `There were too many attempts: try again in ${Math.ceil(waitMs / 1000)} s.`, {
    retryAfterMs: waitMs,
  });
