/** What people decided, on pages: never waited for for long, and a page without it says so. */
import type { RequestEventBase } from "@builder.io/qwik-city";
import pTimeout from "p-timeout";
import type { App } from "../../app";
import type { ControlContext } from "../../control/context";
import { AppError } from "../../model/app-error";
import { pageControlContext } from "../actor";

/** It answers in a few milliseconds; one that does not is treated as one that is away. */
const PATIENCE_MS = 1_000;

/** Never throws. @returns null when the database is not there, or says nothing in time, or the one who asks may not know */
export async function askForPage<T>(
  app: App,
  ev: RequestEventBase,
  ask: (ctx: ControlContext) => Promise<T>,
): Promise<T | null> {
  if (app.control.state.kind !== "ready") return null;
  const answer = ask(pageControlContext(app, ev)).catch((error: unknown) => {
    if (!(error instanceof AppError)) app.log.error({ error }, "what people decided could not be read for a page");
    return null;
  });
  return pTimeout(answer, { milliseconds: PATIENCE_MS, fallback: () => null });
}
