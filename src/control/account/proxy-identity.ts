/**
 * People for whom an identity-aware proxy in front of this server vouches, by a token that it signs and sends along in a
 * header. Whoever is new gets an account with the default role.
 */
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from "jose";
import { and, eq } from "drizzle-orm";
import type { Log } from "../../log";
import { AppError } from "../../model/app-error";
import { SYSTEM, type Actor, type Role } from "../actor";
import { audit } from "../audit/audit";
import { withDatabase, withTransaction, type ControlContext, type TxContext } from "../context";
import { account, user } from "../db/schema/accounts";
import { nameOf } from "./profile";
import { insertPerson } from "./insert-person";
import { auditedUser, emailText } from "./person";
import { findUserActor } from "./rights-of";
import type { Sessions } from "./sessions";

export interface ProxyOptions {
  /** In lower case. */
  header: string;
  jwksUrl: string;
  audience: string;
  issuer: string;
}

export interface ProxyIdentityOptions extends ProxyOptions {
  defaultRole: Role;
  sessions: Sessions;
  log: Log;
}

const PROXY = "proxy";
/** No proxy signs with what this server would have to know. */
const ALGORITHMS = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];

export class ProxyIdentity {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly options: ProxyIdentityOptions) {
    this.#keys = createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: 5_000 });
  }

  get header(): string {
    return this.options.header;
  }

  /**
   * @param token value of the header
   * @returns null when it is not what the proxy signs for this server now, and for who is disabled
   * @throws AppError control-unavailable
   */
  async actorOf(ctx: Omit<ControlContext, "actor">, token: string): Promise<Actor | null> {
    const claims = await this.#claimsOf(token);
    const { sub, exp } = claims ?? {};
    const email = emailText.safeParse(claims?.["email"]);
    if (!claims || sub === undefined || !email.success) return null;
    return this.options.sessions.remembered(`proxy ${sub}`, async () => {
      const userId = await this.#userOf({ ...ctx, actor: SYSTEM }, { sub, email: email.data, name: nameOf(claims) });
      const found = await findUserActor(ctx, userId);
      return found && { ...found, endsAt: (exp ?? 0) * 1_000 };
    });
  }

  async #claimsOf(token: string): Promise<JWTPayload | null> {
    const { issuer, audience, log } = this.options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ["sub", "exp", "email"],
        clockTolerance: 30,
      });
      return payload;
    } catch (error) {
      // Whoever sends nonsense is nobody; that the keys cannot be had is for whoever runs this.
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout)
        log.warn({ error }, "the keys of the proxy cannot be had");
      return null;
    }
  }

  /** The account of whoever the proxy names, made when it is missing. */
  async #userOf(ctx: ControlContext, person: { sub: string; email: string; name: string }): Promise<string> {
    const known = await withDatabase(ctx, (db) =>
      db
        .select({ userId: account.userId })
        .from(account)
        .where(and(eq(account.providerId, PROXY), eq(account.accountId, person.sub))),
    );
    if (known[0]) return known[0].userId;
    try {
      return await withTransaction(ctx, (_tx, inside) => this.#link(inside, person));
    } catch (error) {
      // Two requests of somebody new at the same time: the other one made it.
      if (!(error instanceof AppError) || error.code !== "conflict") throw error;
      return withTransaction(ctx, (_tx, inside) => this.#link(inside, person));
    }
  }

  async #link(ctx: TxContext, { sub, email, name }: { sub: string; email: string; name: string }): Promise<string> {
    const { tx, newId, clock } = ctx;
    const [found] = await tx.select().from(user).where(eq(user.email, email)).for("update");
    const row =
      found ??
      (await insertPerson(ctx, {
        email,
        name,
        role: this.options.defaultRole,
        feeds: { read: "all", write: "all" },
      }));
    const at = new Date(clock.now());
    await tx
      .insert(account)
      .values({ id: newId(), accountId: sub, providerId: PROXY, userId: row.id, createdAt: at, updatedAt: at })
      .onConflictDoNothing();
    await audit(ctx, {
      action: found ? "user.link-proxy" : "user.create",
      entityId: row.id,
      before: found ? auditedUser(found) : null,
      after: auditedUser(row),
    });
    return row.id;
  }
}
