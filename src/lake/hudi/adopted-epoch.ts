/** The epoch of positions of a table that somebody else writes. */
import { createHash } from "node:crypto";
import type { Instant } from "../../model/instant";

export interface EpochParts {
  /** What makes it this table and no other. */
  identity: readonly string[];
  /** Each takes commits back. */
  restores: readonly Instant[];
  /** Commits that have contradicted what was told before (`rewritten` of cuts.ts). */
  rewritten: readonly Instant[];
  /** Several rows share a key, and are shown as one. */
  isFolded: boolean;
}

/** 8 hex digits. */
export const adoptedEpoch = ({ identity, restores, rewritten, isFolded }: EpochParts): string =>
  createHash("sha256")
    .update(JSON.stringify([identity, [...restores].sort(), rewritten, isFolded]))
    .digest("hex")
    .slice(0, 8);
