/** A button that does something: a form of its own, so that it works before and without script. */
export interface PostButton {
  /** Where it is sent to. */
  action: string;
  /** Value of the field `do`. */
  act: string;
  text: string;
  /** Which of many buttons of this text it is, for those who listen. */
  name: string;
  /** What it is done to. */
  fields: Readonly<Record<string, string>>;
}

export const postButton = ({ action, act, text, name, fields }: PostButton) => (
  <form key={act} method="post" action={action}>
    {Object.entries(fields).map(([field, value]) => (
      <input key={field} type="hidden" name={field} value={value} />
    ))}
    <button name="do" value={act} aria-label={name}>
      {text}
    </button>
  </form>
);
