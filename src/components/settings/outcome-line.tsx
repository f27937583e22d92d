/** What a form did, for those who see it and those who hear it. */
import type { Outcome } from "~/web/pages/form-outcome";

export const outcomeLine = (outcome: Outcome | null) =>
  outcome && (
    <p role={outcome.ok ? "status" : "alert"} class={outcome.ok ? "outcome mark ok" : "outcome mark bad"}>
      {outcome.text}
    </p>
  );
