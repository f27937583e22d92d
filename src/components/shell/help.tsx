/** The keyboard help. A native dialog with the popover attribute, so its button works before any script has run. */
import { component$ } from "@builder.io/qwik";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "Search"],
  ["j", "Next row"],
  ["k", "Previous row"],
  ["o", "Open the batch of the row (Enter too)"],
  ["t", "Time travel"],
  ["p", "Pause and go on"],
  ["?", "This help"],
  ["Esc", "Close, leave the row"],
];

export const Help = component$(() => (
  <dialog id="help" popover="auto" aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <dl>
      {KEYS.map(([key, what]) => (
        <>
          <dt key={`${key}-key`}>
            <kbd>{key}</kbd>
          </dt>
          <dd key={`${key}-what`}>{what}</dd>
        </>
      ))}
    </dl>
    <p class="muted small">
      Filters, the page and its time are all in the address: what you see can be sent to a colleague as a link.
    </p>
    <div class="actions">
      <button type="button" popovertarget="help" popovertargetaction="hide">
        Close
      </button>
    </div>
  </dialog>
));
