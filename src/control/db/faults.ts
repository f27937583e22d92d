/** What an error of the database means. Drizzle wraps what the client throws, so the whole chain of causes is looked at. */

/** SQLSTATEs of a server that is not there for us: connection, shutdown, crash, starting, too many connections. */
const AWAY = /^(08...|57P0[1-5]|53300)$/;
const AWAY_ERRNO = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT", // no socket file
]);
/** These the client says in words only. */
const AWAY_WORDS =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after calling end|The embedded Postgres ended|Client has encountered a connection error)/;

/** Why the database cannot be reached, in the words of whoever noticed; null when it can and the error is another. */
export function awayReason(error: unknown): string | null {
  for (const one of causes(error)) {
    const code = codeOf(one);
    if (code !== null && (AWAY.test(code) || AWAY_ERRNO.has(code))) return one.message || code;
    if (AWAY_WORDS.test(one.message)) return one.message;
  }
  return null;
}

/** Whether a row was refused because another has the same value, in the unique index of this name. */
export const isDuplicate = (error: unknown, index: string): boolean =>
  causes(error).some((one) => codeOf(one) === "23505" && (one as { constraint?: string }).constraint === index);

const codeOf = (error: Error): string | null => {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : null;
};

/** The error and what it came from; of several attempts at once (IPv4 and IPv6) all. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const several = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [error, ...several.flatMap(causes), ...causes(error.cause)];
}
