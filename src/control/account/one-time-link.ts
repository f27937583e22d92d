/** What a link carries that may be used once. Only its hash is kept. */
import { createHash, randomBytes } from "node:crypto";

/** 256 bits, so nobody guesses one and a plain hash is enough. */
export const newLinkToken = (): string => randomBytes(32).toString("base64url");

export const hashOfLink = (token: string): string => createHash("sha256").update(token).digest("hex");
