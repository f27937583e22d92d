/** Changing the own password asks for the present one, which whoever found an open browser would have to guess. */
import type { App } from "../app";
import { changeOwnPassword } from "../control/account/change-own-password";
import type { ControlContext } from "../control/context";

/** @throws AppError rate-limited, and what the verb throws */
export async function changePassword(app: App, ctx: ControlContext, input: unknown): Promise<void> {
  const wasRight = await app.accounts.attempts.begin(ctx, { address: ctx.ip, account: ctx.actor.id });
  await changeOwnPassword(ctx, input);
  await wasRight();
}
