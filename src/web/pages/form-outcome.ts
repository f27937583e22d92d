/** What a form of a page did. Told after a redirect, so that loading the page again does not do it again. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { withParams } from "../../components/shell/page-url";
import { AppError, httpStatus } from "../../model/app-error";

export interface Outcome {
  ok: boolean;
  text: string;
}

const OUTCOME = "weir.formOutcome";

/**
 * Does it and redirects, or leaves the refusal on the request for the page to show.
 *
 * @param act answers with the word of what was done, for `outcomeOf`; with null when the answer itself says it
 * @throws a redirect, and what is no fault of the one who sent the form
 */
export async function actByForm(
  ev: RequestEventCommon,
  back: string,
  act: () => Promise<string | null>,
): Promise<void> {
  let done: string | null;
  try {
    done = await act();
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unauthorized") throw error;
    ev.status(httpStatus(error.code));
    ev.sharedMap.set(OUTCOME, { ok: false, text: error.message } satisfies Outcome);
    return;
  }
  if (done !== null) throw ev.redirect(303, withParams(back, { done }));
}

/** @param texts by the word of what was done */
export function outcomeOf(ev: RequestEventCommon, texts: Readonly<Record<string, string>>): Outcome | null {
  const failed = ev.sharedMap.get(OUTCOME) as Outcome | undefined;
  if (failed) return failed;
  const done = ev.query.get("done");
  return done !== null && Object.hasOwn(texts, done) ? { ok: true, text: texts[done]! } : null;
}
