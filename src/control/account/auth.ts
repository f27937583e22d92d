/**
 * better-auth on the tables of the control plane. It checks passwords, makes sessions, and speaks to the provider of single
 * sign-on; none of its routes is public but the one that the provider sends people back to. It is made for one open database
 * and one address of this server.
 */
import { betterAuth } from "better-auth/minimal";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { eq } from "drizzle-orm";
import type { Log } from "../../log";
import { ROLES, type Role } from "../actor";
import type { ControlDb } from "../db/database";
import { account, session, user, verification } from "../db/schema/accounts";
import { MAX_PASSWORD, MIN_PASSWORD } from "./password";

export interface OidcOptions {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** Claim with the role, or a list with roles among others; null = whoever is new has the default role. */
  roleClaim: string | null;
}

export interface AuthOptions {
  /** What cookies are signed with. */
  secret: string;
  /** Null in an instance for passwords alone: it asks no provider. */
  oidc: OidcOptions | null;
  defaultRole: Role;
  log: Log;
}

export const AUTH_PATH = "/api/auth";
export const OIDC_PROVIDER = "oidc";
/** Sessions end a week after signing in, used or not. */
export const SESSION_SECONDS = 7 * 24 * 3_600;
/** In which the caller says who asks; whatever a browser sends is not passed on. */
export const CLIENT_HEADER = "x-weir-client";

export type Auth = ReturnType<typeof authOn>;

/** @param origin under which browsers know this server */
export function authOn(db: ControlDb, origin: string, { secret, oidc, defaultRole, log }: AuthOptions) {
  return betterAuth({
    appName: "Weir",
    baseURL: origin,
    basePath: AUTH_PATH,
    secret,
    database: drizzleAdapter(db, { provider: "pg", schema: { user, session, account, verification } }),
    telemetry: { enabled: false },
    // What it warns of is a wrong password; who guesses which is not for the log.
    logger: { level: "error", log: (_level, message, ...details: unknown[]) => log.error({ details }, message) },
    rateLimit: { enabled: false }, // it counts routes; ours is `Attempts`
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD,
      maxPasswordLength: MAX_PASSWORD,
    },
    session: { expiresIn: SESSION_SECONDS, disableSessionRefresh: true },
    user: {
      additionalFields: {
        role: { type: [...ROLES], required: false, defaultValue: defaultRole },
        disabledAt: { type: "date", required: false },
      },
    },
    account: {
      updateAccountOnSignIn: false,
      // Nobody makes an account with an address by themselves, so whose provider confirms the address is that person.
      accountLinking: { enabled: true, requireLocalEmailVerified: false },
    },
    onAPIError: { errorURL: "/sign-in" },
    advanced: {
      cookiePrefix: "weir",
      useSecureCookies: origin.startsWith("https:"),
      ipAddress: { ipAddressHeaders: [CLIENT_HEADER] },
    },
    databaseHooks: {
      session: { create: { before: async ({ userId }) => ((await isDisabled(db, userId)) ? false : undefined) } },
      // Tokens of the provider are of no use here, and of use to whoever finds them.
      account: {
        create: {
          before: (row) => Promise.resolve({ data: { ...row, accessToken: null, refreshToken: null, idToken: null } }),
        },
      },
    },
    plugins: oidc === null ? [] : [singleSignOn(oidc, defaultRole)],
  });
}

function singleSignOn({ issuer, clientId, clientSecret, roleClaim }: OidcOptions, defaultRole: Role) {
  return genericOAuth({
    config: [
      {
        providerId: OIDC_PROVIDER,
        discoveryUrl: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
        clientId,
        ...(clientSecret !== null && { clientSecret }),
        scopes: ["openid", "profile", "email"],
        pkce: true,
        requireIdTokenVerification: true,
        // Where the provider says the role it says it each time; elsewhere admins do, here.
        overrideUserInfo: roleClaim !== null,
        mapProfileToUser: (profile) => ({
          name: nameOf(profile),
          ...(roleClaim !== null && { role: roleOfClaim(profile[roleClaim]) ?? defaultRole }),
        }),
      },
    ],
  });
}

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

async function isDisabled(db: ControlDb, userId: string): Promise<boolean> {
  const [row] = await db.select({ disabledAt: user.disabledAt }).from(user).where(eq(user.id, userId));
  return row === undefined || row.disabledAt !== null;
}
