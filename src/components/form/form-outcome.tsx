/** What became of a form that was sent, on the page that shows the form. Plain forms: nothing of this runs in a browser. */
import { pickPageData } from "../page-data";

export interface FormOutcome {
  /** Why it was refused; null when what it asked for was done, or nothing was sent. */
  error: string | null;
  /** To be filled in again. Never passwords. */
  values: Readonly<Record<string, string>>;
  /** What was done, for the page to show. */
  done: unknown;
}

export const FORM_OUTCOME = "form";

const NOTHING: FormOutcome = { error: null, values: {}, done: null };

export const formOutcome = (): FormOutcome => pickPageData<FormOutcome>(FORM_OUTCOME) ?? NOTHING;

export const formError = ({ error }: FormOutcome) =>
  error === null ? null : (
    <p id="form-error" class="outcome mark bad" role="alert">
      {error}
    </p>
  );
