/** What a provider or a proxy says of somebody. */
import { ROLES, type Role } from "../actor";

/** The greatest role that the claim names, as it is or with `weir-` before it. */
export function roleOfClaim(claim: unknown): Role | null {
  const named = Array.isArray(claim) ? (claim as unknown[]) : [claim];
  return [...ROLES].reverse().find((role) => named.includes(role) || named.includes(`weir-${role}`)) ?? null;
}

/** What others see of somebody whom a provider names: never empty, on one line, bounded. */
export function nameOf(profile: Readonly<Record<string, unknown>>): string {
  const given = [profile["name"], profile["preferred_username"], profile["email"]].find(
    (value): value is string => typeof value === "string" && value.trim() !== "",
  );
  return (
    (given ?? "somebody")
      .replace(/[\p{Cc}\p{Cs}]/gu, " ")
      .trim()
      .slice(0, 120) || "somebody"
  );
}
