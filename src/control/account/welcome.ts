/** The link that makes the first admin: printed at each start while there is none, good for one use in this process. */
import { timingSafeEqual } from "node:crypto";
import { AppError } from "../../model/app-error";
import type { ControlContext } from "../context";
import { makeFirstAdmin } from "./make-first-admin";
import { hashOfLink, newLinkToken } from "./one-time-link";

export class Welcome {
  /** Of the link that was printed; null before, and once it was used. */
  #hash: string | null = null;

  /** @returns path and query of a new link; earlier ones are void */
  newLink(): string {
    const token = newLinkToken();
    this.#hash = hashOfLink(token);
    return `/welcome?token=${token}`;
  }

  /** Whether this is the link that was printed. */
  isLink(token: string): boolean {
    return this.#hash !== null && timingSafeEqual(Buffer.from(hashOfLink(token)), Buffer.from(this.#hash));
  }

  /** @throws AppError not-found when the link is void, and what `makeFirstAdmin` throws */
  async accept(ctx: ControlContext, token: string, input: unknown): Promise<{ email: string }> {
    if (!this.isLink(token)) throw voidLink();
    const made = await makeFirstAdmin(ctx, input);
    this.#hash = null;
    return made;
  }
}

export const voidLink = (): AppError =>
  new AppError(
    "not-found",
    "This link was used, or the server has been started again since: its newest output has the one that goes.",
  );
