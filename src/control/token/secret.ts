/** The text of a token: `weir_<id>_<secret>`. Its id is for looking it up, its secret is known to its holder alone. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;
/** Ids are UUIDs without dashes; 32 bytes are 43 characters of base64url. */
const SHAPE = /^weir_([0-9a-f]{32})_([\w-]{43})$/;
/** What begins like this means to be a token of ours, whether it is one or not. */
const PREFIX = "weir_";

export interface TokenText {
  id: string;
  secret: string;
}

export const isTokenId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

export const looksLikeToken = (bearer: string): boolean => bearer.startsWith(PREFIX);

/** Null when it has not the form of one. */
export function parseToken(bearer: string): TokenText | null {
  const [, id, secret] = SHAPE.exec(bearer) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** @param uuid names it */
export function newToken(uuid: string): TokenText & { text: string } {
  const id = uuid.replaceAll("-", "").toLowerCase();
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return { id, secret, text: `${PREFIX}${id}_${secret}` };
}

/** One round is enough: nobody can try 256 random bits. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

export const isSecretOf = (secret: string, hash: string): boolean => {
  const given = createHash("sha256").update(secret).digest();
  const wanted = Buffer.from(hash, "base64url");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};
