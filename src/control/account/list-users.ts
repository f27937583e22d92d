import { requireRole } from "../actor";
import type { ControlContext } from "../context";
import { findPeople, type Person } from "./person";

/** Everybody who has an account, by address. For admins. @throws AppError forbidden, control-unavailable */
export async function listUsers(ctx: ControlContext): Promise<Person[]> {
  requireRole(ctx, "admin");
  return findPeople({ ...ctx, now: ctx.clock.now() });
}
