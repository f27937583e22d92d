import { eq } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { preference } from "../db/schema/preference";
import { preferencesOf, type Preferences } from "./preference";

/** Those of the one who asks. @throws AppError control-unavailable */
export async function getPreferences(ctx: ControlContext): Promise<Preferences> {
  requireRole(ctx, "viewer");
  const rows = await withDatabase(ctx, (db) =>
    db.select().from(preference).where(eq(preference.ownerId, ctx.actor.id)),
  );
  return preferencesOf(rows[0]);
}
