/** A field below its label. */
export interface Field {
  id: string;
  label: string;
  /** Of the element `input`; a text unless told. */
  type?: "text" | "email" | "password" | "number";
  name?: string;
  /** What a browser may fill in: `username`, `current-password`, `off`. */
  autoComplete: "off" | "username" | "current-password" | "new-password" | "name";
  value?: string | undefined;
  /** Id of the text that says what is wrong with it. */
  describedBy?: string | undefined;
  isRequired?: boolean;
  minLength?: number;
  maxLength?: number;
}

export const field = ({ id, label, type = "text", name = id, isRequired = true, describedBy, ...more }: Field) => (
  <div class="field">
    <label for={id}>{label}</label>
    <input id={id} name={name} type={type} required={isRequired} aria-describedby={describedBy} {...more} />
  </div>
);

/** A password that is chosen, with the bounds that the server asks. */
export const newPasswordField = (label: string) =>
  field({ id: "password", label, type: "password", autoComplete: "new-password", minLength: 12, maxLength: 128 });
