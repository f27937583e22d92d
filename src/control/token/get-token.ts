import { requireRole } from "../actor";
import type { ControlContext } from "../context";
import { idText, parseInput } from "../input";
import { findToken, type Token } from "./token";

/** @throws AppError forbidden, not-found, bad-parameter, control-unavailable */
export async function getToken(ctx: ControlContext, id: unknown): Promise<Token> {
  requireRole(ctx, "admin");
  return findToken(ctx, parseInput(idText, id));
}
