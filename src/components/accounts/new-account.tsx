/** What everybody says who makes an account: the name that others see, and a password. */
import type { FormOutcome } from "../form/form-outcome";
import { field, newPasswordField } from "../ui/field";

export const newAccountFields = ({ values }: FormOutcome) => (
  <>
    {field({
      id: "name",
      label: "Your name, as others see it",
      autoComplete: "name",
      maxLength: 120,
      value: values["name"],
    })}
    {newPasswordField("Password (12 characters or more)")}
  </>
);
