/** What everybody says who makes an account: the name that others see, and a password. */
import type { FormOutcome } from "../form/form-outcome";

export const newAccountFields = ({ values }: FormOutcome) => (
  <>
    <div class="field">
      <label for="name">Your name, as others see it</label>
      <input id="name" name="name" autoComplete="name" required maxLength={120} value={values["name"]} />
    </div>
    <div class="field">
      <label for="password">Password (12 characters or more)</label>
      <input
        id="password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={12}
        maxLength={128}
      />
    </div>
  </>
);
