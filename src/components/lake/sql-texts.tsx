/** Statements to copy. Each stands there as text, so that it can be marked and copied without script too. */
import { $ } from "@builder.io/qwik";
import type { SqlText } from "~/model/table-sql";

const copy = $(async (_: Event, button: HTMLElement) => {
  const text = button.closest("details")?.querySelector("pre")?.textContent ?? "";
  const said = button.parentElement?.querySelector("output");
  try {
    await navigator.clipboard.writeText(text);
    if (said) said.textContent = "Copied.";
  } catch {
    // Without the right to the clipboard the text is marked, and the reader copies it.
    const pre = button.closest("details")?.querySelector("pre");
    if (pre) getSelection()?.selectAllChildren(pre);
    if (said) said.textContent = "Marked: copy it with Ctrl+C.";
  }
});

export const sqlTexts = (title: string, texts: readonly SqlText[]) =>
  texts.length === 0 ? null : (
    <section aria-labelledby="sql-title">
      <div class="section-head">
        <h2 id="sql-title">{title}</h2>
      </div>
      <div class="sql-texts">
        {texts.map(({ engine, title: name, sql }) => (
          <details key={engine} class="panel-box sql-text">
            <summary>{name}</summary>
            <pre tabIndex={0} role="region" aria-label={`${name} statement`}>
              {sql}
            </pre>
            <div class="actions">
              <button type="button" aria-label={`Copy the ${name} statement`} onClick$={copy}>
                Copy
              </button>
              <output class="small muted" />
            </div>
          </details>
        ))}
      </div>
    </section>
  );
