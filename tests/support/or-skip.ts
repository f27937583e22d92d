/** What tests need and a machine may lack. */
import type { TestContext } from "vitest";

/**
 * What `start` starts, or null where it cannot be had, with a line that says so; in CI that is a failure.
 *
 * @param what is not tested without it: "Pub/Sub", "lakes in buckets"
 */
export async function orNothing<T>(what: string, start: () => Promise<T>): Promise<T | null> {
  try {
    return await start();
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    process.stderr.write(`Not tested: ${what}. ${reason}\n`);
    return null;
  }
}

/** The same for one test, which ends where there is none. */
export async function orSkip<T>(context: TestContext, what: string, start: () => Promise<T>): Promise<T> {
  return (await orNothing(what, start)) ?? context.skip();
}
