/**
 * better-auth on the tables of the control plane. It checks passwords, makes sessions, and speaks to the provider of single
 * sign-on; none of its routes is public but the one that the provider sends people back to. It is made for one open database
 * and one address of this server. Loading it takes a third of a second: `Accounts` does so when somebody signs in.
 */
import { betterAuth } from "better-auth/minimal";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { eq } from "drizzle-orm";
import { ROLES, type Role } from "../actor";
import type { ControlDb } from "../db/database";
import { account, session, user, verification } from "../db/schema/accounts";
import {
  AUTH_PATH,
  CLIENT_HEADER,
  OIDC_PROVIDER,
  SESSION_SECONDS,
  type AuthOptions,
  type OidcOptions,
} from "./auth-options";
import { MAX_PASSWORD, MIN_PASSWORD } from "./password";
import { nameOf, roleOfClaim } from "./profile";

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
      // Anybody may set out for the provider: what has to be known on the way back goes with them, encrypted, and fills no table.
      storeStateStrategy: "cookie",
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

async function isDisabled(db: ControlDb, userId: string): Promise<boolean> {
  const [row] = await db.select({ disabledAt: user.disabledAt }).from(user).where(eq(user.id, userId));
  return row === undefined || row.disabledAt !== null;
}
