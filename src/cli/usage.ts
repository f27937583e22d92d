/** The command line was not understood; the message says what it should be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
