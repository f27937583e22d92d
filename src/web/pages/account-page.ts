/** What somebody sees of themselves: who they are here, their password, where they are signed in. */
import type { Actor, FeedRights } from "../../control/actor";
import { listSessions, type SessionView } from "../../control/account/list-sessions";
import { findPeople, type Person } from "../../control/account/person";
import type { ControlContext } from "../../control/context";
import { AppError } from "../../model/app-error";

export interface AccountPage {
  kind: "localUser" | "user" | "token" | "system";
  name: string;
  role: Actor["role"];
  feeds: FeedRights;
  /** Null of whoever has no account here. */
  person: Person | null;
  sessions: readonly SessionView[];
  /** Why the database has nothing to say; null when it did. */
  away: string | null;
}

/** Never waits for the database: without it the page says so. */
export async function accountPage(ctx: ControlContext): Promise<AccountPage> {
  const { kind, name, role, feeds } = ctx.actor;
  const known = { kind, name, role, feeds, person: null, sessions: [], away: null };
  if (kind !== "user") return known;
  return unlessAway(known, async () => {
    const [person] = await findPeople({ ...ctx, now: ctx.clock.now() }, ctx.actor.id);
    return { ...known, person: person ?? null, sessions: await listSessions(ctx) };
  });
}

/** @param without what is shown while the database is away */
export async function unlessAway<T extends { away: string | null }>(without: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "control-unavailable") throw error;
    return { ...without, away: error.message };
  }
}
