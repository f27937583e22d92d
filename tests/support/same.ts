/** Comparing rows by the thousand. */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";

/** As `toEqual`, which takes four times as long and is asked only what there is to show when they differ. */
export function expectSame(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected)) expect(found, what).toEqual(expected);
}
