/** The ways to be signed in: password, single sign-on, and the word of a proxy (`proxy-identity.ts`). */
import pTimeout from "p-timeout";
import type { Clock } from "../../clock";
import type { Metrics } from "../../metrics";
import { AppError } from "../../model/app-error";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import type { ControlDb } from "../db/database";
import { Attempts } from "./attempts";
import type { Auth } from "./auth";
import { AUTH_PATH, CLIENT_HEADER, OIDC_PROVIDER, type AuthOptions } from "./auth-options";
import { findSessionActor } from "./rights-of";
import { signedToken, tokenOf } from "./sessions";
import { wayBack } from "./way-back";

/** A session that was made: the value of its cookie, and when it ends. */
export interface NewSession {
  cookie: string;
  /** Epoch ms. */
  endsAt: number;
}

/** Who asks, as far as it matters for a session. */
export interface Client {
  /** Under which they know this server. */
  origin: string;
  userAgent: string | null;
}

/** A cookie that goes along with people on their way to the provider and back. */
export interface TravelCookie {
  name: string;
  value: string;
  maxAgeSeconds: number;
}

const PROVIDER_PATIENCE_MS = 5_000;
const MOST_ORIGINS = 8;
const WRONG = "The e-mail address or the password is wrong.";

export class Accounts {
  /** Of everything that is guessed here. */
  readonly attempts: Attempts;
  readonly #withPassword = new WeakMap<ControlDb, Map<string, Auth>>();
  readonly #withProvider = new WeakMap<ControlDb, Map<string, Auth>>();

  constructor(private readonly options: AuthOptions & { clock: Clock; metrics: Metrics }) {
    this.attempts = new Attempts(options);
  }

  get hasProvider(): boolean {
    return this.options.oidc !== null;
  }

  /**
   * The same answer whether there is no such account, it has no password, is disabled, or the password is another.
   *
   * @throws AppError unauthorized, rate-limited, control-unavailable
   */
  async signIn(ctx: ControlContext, given: { email: string; password: string }, client: Client): Promise<NewSession> {
    const email = given.email.trim().toLowerCase().slice(0, 254);
    const wasRight = await this.attempts.begin(ctx, { address: ctx.ip, account: email });
    const db = await ctx.control.database(ctx.patienceMs);
    const { authOn } = await import("./auth");
    const auth = kept(this.#withPassword, db, client.origin, () =>
      authOn(db, client.origin, { ...this.options, oidc: null }),
    );
    try {
      const { token } = await auth.api.signInEmail({
        body: { email, password: given.password.slice(0, 1_000) },
        headers: headersOf(ctx, client),
      });
      await wasRight();
      return await this.#begin(ctx, token, "password");
    } catch (error) {
      const { isAPIError } = await import("better-auth/api");
      if (isAPIError(error)) throw new AppError("unauthorized", WRONG, {}, { cause: error });
      throw ctx.control.explain(error);
    }
  }

  /**
   * Where to send somebody who signs in at the provider.
   *
   * @param back path to come back to; of one that is too long the query is left behind
   * @returns null when the provider cannot be reached
   * @throws AppError control-unavailable
   */
  async beginSingleSignOn(
    ctx: ControlContext,
    back: string,
    client: Client,
  ): Promise<{ url: string; cookies: TravelCookie[] } | null> {
    const auth = await this.#providerAuth(ctx, client.origin);
    if (auth === null) return null;
    try {
      const response = await auth.api.signInSocial({
        body: {
          provider: OIDC_PROVIDER,
          callbackURL: wayBack(back),
          errorCallbackURL: "/sign-in",
          disableRedirect: true,
        },
        headers: headersOf(ctx, client),
        asResponse: true,
      });
      const { url } = (await response.json()) as { url?: string };
      return url === undefined ? null : { url, cookies: await cookiesOf(response) };
    } catch (error) {
      throw ctx.control.explain(error);
    }
  }

  /**
   * What somebody brings back from the provider.
   *
   * @param search query of the address, with question mark
   * @param cookies Cookie header
   * @returns where they wanted to go; without a session the address says why
   * @throws AppError control-unavailable
   */
  async endSingleSignOn(
    ctx: ControlContext,
    { search, cookies }: { search: string; cookies: string },
    client: Client,
  ): Promise<{ location: string; session: NewSession | null; cookies: TravelCookie[] }> {
    const auth = await this.#providerAuth(ctx, client.origin);
    if (auth === null) return { location: "/sign-in?error=provider", session: null, cookies: [] };
    const headers = headersOf(ctx, client);
    headers.set("cookie", cookies);
    const request = new Request(`${client.origin}${AUTH_PATH}/callback/${OIDC_PROVIDER}${search}`, { headers });
    try {
      const response = await auth.handler(request);
      const all = await cookiesOf(response);
      const made = all.find(({ name }) => name.endsWith("session_token") && name !== "");
      const token = made && made.maxAgeSeconds > 0 ? tokenOf(made.value, this.options.secret) : null;
      const session = token === null ? null : await this.#begin(ctx, token, "oidc");
      const location = response.headers.get("location") ?? "/sign-in?error=provider";
      return { location, session, cookies: all.filter((cookie) => cookie !== made) };
    } catch (error) {
      throw ctx.control.explain(error);
    }
  }

  /** In the log of what was done; and what was known of this person before is looked up again. */
  async #begin(ctx: ControlContext, token: string, way: "password" | "oidc"): Promise<NewSession> {
    const found = await findSessionActor(ctx, { token });
    if (found === null) throw new AppError("unauthorized", WRONG);
    const { actor, endsAt } = found;
    const sessionId = actor.kind === "user" ? actor.sessionId : actor.id;
    await withTransaction({ ...ctx, actor }, (_tx, inside) =>
      audit(inside, { action: "session.create", entityId: sessionId, before: null, after: { way } }),
    );
    if (way === "oidc") ctx.rights.announce({ actorId: actor.id, sessionId: null });
    return { cookie: signedToken(token, this.options.secret), endsAt };
  }

  /** The provider describes itself when it is first needed. Until it did, it is asked again each time. */
  async #providerAuth(ctx: ControlContext, origin: string): Promise<Auth | null> {
    const db = await ctx.control.database(ctx.patienceMs);
    const known = this.#withProvider.get(db)?.get(origin);
    if (known) return known;
    const { authOn } = await import("./auth");
    const auth = authOn(db, origin, this.options);
    const context = await pTimeout(auth.$context, { milliseconds: PROVIDER_PATIENCE_MS, fallback: () => null });
    if (!context?.socialProviders.some(({ id }) => id === OIDC_PROVIDER)) return null;
    return kept(this.#withProvider, db, origin, () => auth);
  }
}

function kept(all: WeakMap<ControlDb, Map<string, Auth>>, db: ControlDb, origin: string, make: () => Auth): Auth {
  const ofDb = all.get(db) ?? new Map<string, Auth>();
  all.set(db, ofDb);
  const auth = ofDb.get(origin) ?? make();
  if (ofDb.size >= MOST_ORIGINS && !ofDb.has(origin)) ofDb.clear();
  ofDb.set(origin, auth);
  return auth;
}

function headersOf({ ip }: ControlContext, { origin, userAgent }: Client): Headers {
  const headers = new Headers({ origin });
  if (ip !== null) headers.set(CLIENT_HEADER, ip);
  if (userAgent !== null) headers.set("user-agent", userAgent.slice(0, 300));
  return headers;
}

async function cookiesOf(response: Response): Promise<TravelCookie[]> {
  const { parseSetCookieHeader } = await import("better-auth/cookies");
  return response.headers.getSetCookie().flatMap((header) =>
    [...parseSetCookieHeader(header)].map(([name, { value, "max-age": maxAge }]) => ({
      name,
      value,
      maxAgeSeconds: Number(maxAge ?? 600),
    })),
  );
}
