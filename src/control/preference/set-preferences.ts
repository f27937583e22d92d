import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { preference } from "../db/schema/preference";
import { parseInput } from "../input";
import { getPreferences } from "./get-preferences";
import { preferences, type Preferences } from "./preference";

export const setPreferencesInput = preferences.partial();

/**
 * Changes those that are named, for the one who asks.
 *
 * @returns all of them
 * @throws AppError bad-parameter, bad-body, control-unavailable
 */
export async function setPreferences(ctx: ControlContext, input: unknown): Promise<Preferences> {
  requireRole(ctx, "viewer");
  const changes = parseInput(setPreferencesInput, input);
  return withTransaction(ctx, async (tx, inside) => {
    const before = await getPreferences(inside);
    const after: Preferences = { ...before, ...definedOf(changes) };
    const row = { ...after, updatedAt: new Date(ctx.clock.now()) };
    await tx
      .insert(preference)
      .values({ ownerId: ctx.actor.id, ...row })
      .onConflictDoUpdate({ target: preference.ownerId, set: row });
    await audit(inside, { action: "preference.set", entityId: ctx.actor.id, before, after });
    return after;
  });
}

/** Only what is there: a member that is present and undefined would take a value away. */
const definedOf = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
