/**
 * How much of what there is to try is tried in one run: some, and in the next run others. A failure names what failed;
 * WEIR_TEST_DEPTH=full tries everything, CRASH_SEED the same part again.
 */
export const isFull = process.env["WEIR_TEST_DEPTH"] === "full";

/** A whole number of at least 0, another in each run unless told. */
export const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
