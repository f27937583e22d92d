/** What an admin sees of everybody. */
import { requireRole } from "../../control/actor";
import type { Invitation } from "../../control/account/invitation";
import { listInvitations } from "../../control/account/list-invitations";
import { listSessions, type SessionView } from "../../control/account/list-sessions";
import { listUsers } from "../../control/account/list-users";
import type { Person } from "../../control/account/person";
import type { ControlContext } from "../../control/context";
import { unlessAway } from "./account-page";

export interface PeoplePage {
  /** Nobody signs in here: everybody is the local user. */
  isOpen: boolean;
  people: readonly Person[];
  invitations: readonly Invitation[];
  /** Names of all feeds. */
  feeds: readonly string[];
  /** Of the person whose sessions are looked at. */
  chosen: { person: Person; sessions: readonly SessionView[] } | null;
  away: string | null;
}

/** @param userId whose sessions are shown; null = nobody's. @throws AppError forbidden, bad-body */
export async function peoplePage(ctx: ControlContext, isOpen: boolean, userId: string | null): Promise<PeoplePage> {
  requireRole(ctx, "admin");
  const feeds = ctx.feeds.map(({ name }) => name);
  const nothing: PeoplePage = { isOpen, people: [], invitations: [], feeds, chosen: null, away: null };
  return unlessAway(nothing, async () => {
    const people = await listUsers(ctx);
    const person = people.find(({ id }) => id === userId);
    return {
      ...nothing,
      people,
      invitations: await listInvitations(ctx),
      chosen: person ? { person, sessions: await listSessions(ctx, person.id) } : null,
    };
  });
}
