/** A form of our own pages: done, one goes on; refused, the page comes again and says why. Works without script. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { FORM_OUTCOME, type FormOutcome } from "../../components/form/form-outcome";
import { leavePageData } from "../../components/page-data";
import { AppError, httpStatus } from "../../model/app-error";
import { readForm } from "../form";

/** These are typed again. */
const NOT_REPEATED = /password|secret|current|token/i;

/**
 * Runs what a form asks for.
 *
 * @param work returns where to go next, or what the page shows
 */
export async function handleForm(
  ev: RequestEventCommon,
  work: (form: URLSearchParams) => Promise<string | { shown: unknown }>,
): Promise<void> {
  const form = await readForm(ev);
  const outcome = await outcomeOf(form, work);
  if (typeof outcome === "string") throw ev.redirect(303, outcome);
  leavePageData(ev, FORM_OUTCOME, outcome.form);
  ev.headers.set("Cache-Control", "no-store");
  if (outcome.refused === null) return;
  ev.status(httpStatus(outcome.refused.code));
  const { retryAfterMs } = outcome.refused.details;
  if (retryAfterMs !== undefined) ev.headers.set("Retry-After", String(Math.ceil(retryAfterMs / 1_000)));
}

async function outcomeOf(
  form: URLSearchParams,
  work: (form: URLSearchParams) => Promise<string | { shown: unknown }>,
): Promise<string | { form: FormOutcome; refused: AppError | null }> {
  try {
    const next = await work(form);
    return typeof next === "string" ? next : { form: { error: null, values: {}, done: next.shown }, refused: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const values = Object.fromEntries([...form].filter(([name]) => !NOT_REPEATED.test(name)));
    return { form: { error: error.message, values, done: null }, refused: error };
  }
}
