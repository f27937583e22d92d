/**
 * The keyboard help. A native dialog with the popover attribute, so its button works before any script has run; with script it
 * leaves out what this page does not have.
 */
import { component$ } from "@builder.io/qwik";
import { HELP, type HelpKey } from "./help-keys";

export const Help = component$(() => (
  <dialog
    id="help"
    popover="auto"
    aria-labelledby="help-title"
    onBeforeToggle$={(_, dialog) => {
      for (const item of dialog.querySelectorAll<HTMLElement>("[data-where]"))
        item.hidden = document.querySelector(item.dataset["where"]!) === null;
      for (const group of dialog.querySelectorAll<HTMLElement>(".help-group"))
        group.hidden = group.querySelector("dl > div:not([hidden])") === null;
    }}
  >
    <h2 id="help-title">Keys</h2>
    <div class="help-groups">
      {HELP.map(({ title, keys }) => (
        <div key={title} class="help-group">
          <h3>{title}</h3>
          <dl>{keys.map(helpKey)}</dl>
        </div>
      ))}
    </div>
    <p class="muted small">
      Keys of the header's pages and lists work where a page has them. Filters, the page and its time are all in the
      address: what you see can be sent to a colleague as a link. Single keys can be switched off in the{" "}
      <a href="/settings/preferences">preferences</a>.
    </p>
    <div class="actions">
      <button type="button" popovertarget="help" popovertargetaction="hide">
        Close
      </button>
    </div>
  </dialog>
));

const helpKey = ({ keys, what, where }: HelpKey) => (
  <div key={keys} data-where={where}>
    <dt>
      {keys.split(" ").map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </dt>
    <dd>{what}</dd>
  </div>
);
