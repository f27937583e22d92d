/** Passwords, hashed by better-auth (scrypt). They never come into an error or a log. */
import { AppError } from "../../model/app-error";
import { account } from "../db/schema/accounts";
import type { TxContext } from "../context";

export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;

/** How better-auth calls it. */
export const CREDENTIAL = "credential";

/** @throws AppError bad-parameter, which does not repeat it */
export function requirePassword(given: unknown, parameter = "password"): string {
  if (typeof given === "string" && given.length >= MIN_PASSWORD && given.length <= MAX_PASSWORD) return given;
  throw new AppError("bad-parameter", `${parameter}: must have ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`, {
    parameter,
  });
}

// Loaded when it is needed: a server starts without it.
const crypto = () => import("better-auth/crypto");

export const hashPassword = async (password: string): Promise<string> => (await crypto()).hashPassword(password);

export const isPassword = async (hash: string, password: string): Promise<boolean> =>
  (await crypto()).verifyPassword({ hash, password });

/** The way in by password, in the form that better-auth looks for. */
export async function insertCredential({ tx, newId, clock }: TxContext, userId: string, hash: string): Promise<void> {
  const at = new Date(clock.now());
  await tx.insert(account).values({
    id: newId(),
    accountId: userId,
    providerId: CREDENTIAL,
    userId,
    password: hash,
    createdAt: at,
    updatedAt: at,
  });
}
