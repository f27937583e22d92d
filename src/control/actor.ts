/** Who asks, and what they may. Decided once per request, at the edge (`src/web/actor.ts`); verbs only look at it. */
import { AppError } from "../model/app-error";

/** Each may what the ones before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Which feeds may be read and written: all, or these. Apart from the role, because a machine may write one and read none. */
export interface FeedRights {
  read: "all" | readonly string[];
  write: "all" | readonly string[];
}

interface Rights {
  /** Unique among all actors; what people keep belongs to it. */
  id: string;
  /** How the audit log and other people see it. */
  name: string;
  /** `none` = a machine that may write to feeds and is nothing else here. */
  role: Role | "none";
  feeds: FeedRights;
}

export type Actor =
  /** Whoever is at this machine, where nobody has to sign in. */
  | ({ kind: "localUser" } & Rights)
  | ({ kind: "user"; sessionId: string } & Rights)
  | ({ kind: "token" } & Rights)
  /** The program itself. */
  | ({ kind: "system" } & Rights);

const EVERY_FEED: FeedRights = { read: "all", write: "all" };

export const LOCAL_USER: Actor = {
  kind: "localUser",
  id: "local",
  name: "local user",
  role: "admin",
  feeds: EVERY_FEED,
};

/** Whoever has the secret of this server. */
export const SECRET_HOLDER: Actor = {
  kind: "token",
  id: "secret",
  name: "WEIR_SECRET",
  role: "admin",
  feeds: EVERY_FEED,
};

export const SYSTEM: Actor = { kind: "system", id: "system", name: "Weir", role: "admin", feeds: EVERY_FEED };

export const hasRole = (actor: Actor, role: Role): boolean =>
  actor.role !== "none" && ROLES.indexOf(actor.role) >= ROLES.indexOf(role);

/** @throws AppError forbidden */
export function requireRole({ actor }: { actor: Actor }, role: Role): void {
  if (hasRole(actor, role)) return;
  throw new AppError(
    "forbidden",
    `This needs the role ${role}; ${actor.name} has ${actor.role === "none" ? "none" : `the role ${actor.role}`}.`,
  );
}

export function mayUseFeed(actor: Actor, right: keyof FeedRights, feed: string): boolean {
  const allowed = actor.feeds[right];
  return allowed === "all" || allowed.includes(feed);
}

/** @throws AppError forbidden */
export function requireFeed({ actor }: { actor: Actor }, right: keyof FeedRights, feed: string): void {
  if (mayUseFeed(actor, right, feed)) return;
  throw new AppError("forbidden", `${actor.name} may not ${right} the feed ${feed}.`);
}
