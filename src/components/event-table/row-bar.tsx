/** What can be done with the picked row, for those without a keyboard; the style sheet shows it while there is one. */
import { component$ } from "@builder.io/qwik";

/** Each with its key, which the bar teaches. */
const ACTS = [
  ["o", "Open"],
  ["c", "Copy row"],
  ["v", "Copy cell"],
  ["e", "Copy error"],
  ["f", "Only these"],
  ["!", "All but these"],
] as const;

export const RowBar = component$(() => (
  <div
    class="row-bar"
    role="toolbar"
    aria-label="The row"
    onClick$={async (event) => {
      const key = (event.target as Element).closest<HTMLElement>("[data-row-act]")?.dataset["rowAct"];
      if (key !== undefined) (await import("../shell/keys")).actOnRow(key);
    }}
  >
    {ACTS.map(([key, text]) => (
      <button key={key} type="button" data-row-act={key}>
        {text} <kbd aria-hidden="true">{key}</kbd>
      </button>
    ))}
  </div>
));
