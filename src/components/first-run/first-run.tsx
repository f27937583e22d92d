/** Before the first event: how to send one. The line is complete and works as it stands. */
import { component$, type Signal } from "@builder.io/qwik";

export interface FirstRunProps {
  command: string;
  title: string;
  /** Becomes false with the first event. */
  isEmpty: Signal<boolean>;
}

export const FirstRun = component$<FirstRunProps>(({ command, title, isEmpty }) => (
  <>{isEmpty.value && panel(command, title)}</>
));

const panel = (command: string, title: string) => (
  <section class="panel-box empty" aria-labelledby="first-run-title">
    <h2 id="first-run-title">No event yet</h2>
    <p>
      Send one to <b>{title}</b>. It appears here the moment it is committed, without reload.
    </p>
    <div class="copy">
      <pre tabIndex={0} aria-label="Command that sends a first event" id="first-command">
        {command}
      </pre>
      <div class="actions">
        <CopyButton />
        <a href="/api/v1/openapi.json">All calls</a>
      </div>
    </div>
  </section>
);

const CopyButton = component$(() => (
  <button
    type="button"
    onClick$={(_, button) => {
      const text = document.getElementById("first-command")?.textContent ?? "";
      void navigator.clipboard.writeText(text.trim()).then(() => {
        button.textContent = "Copied";
      });
    }}
  >
    Copy
  </button>
));
