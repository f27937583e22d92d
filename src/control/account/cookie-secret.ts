/** What session cookies are signed with. */
import { hkdfSync, randomBytes } from "node:crypto";

/**
 * Made from the secret of the server, so that every process that has it agrees, and a new secret ends all sessions. Without
 * one nobody signs in: then it is random, and nothing is signed with it.
 *
 * @returns 32 bytes, base64
 */
export const cookieSecretOf = (secret: string | null): string =>
  (secret === null
    ? randomBytes(32)
    : Buffer.from(hkdfSync("sha256", secret, "", "weir session cookies", 32))
  ).toString("base64");
