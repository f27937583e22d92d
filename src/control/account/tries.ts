/** What follows from how often somebody has tried. Pure: counts and times in, counts and times out. */

/** Guesses without a pause. Behind one address there may be an office. */
const FREE = { address: 20, account: 5 } as const;
const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 15 * 60_000;
/** Whoever guesses no more is forgotten. */
export const FORGOTTEN_MS = 60 * 60_000;

export interface AttemptKey {
  key: string;
  kind: keyof typeof FREE;
}

export interface Tries {
  count: number;
  /** Epoch ms. */
  last: number;
  /** Not before, epoch ms. */
  next: number;
}

export const isOver = ({ last }: Pick<Tries, "last">, now: number): boolean => now - last >= FORGOTTEN_MS;

/** After another attempt. */
export function counted(before: Tries | undefined, kind: AttemptKey["kind"], now: number): Tries {
  const count = (before === undefined || isOver(before, now) ? 0 : before.count) + 1;
  const over = count - FREE[kind];
  const pause = over < 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(over, 20));
  return { count, last: now, next: now + pause };
}
