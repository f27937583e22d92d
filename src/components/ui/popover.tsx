/** A panel that opens below its button, before and without script. Escape closes it (`shell/keys.ts`). */
import type { JSXChildren } from "@builder.io/qwik";

export interface Popover {
  summary: JSXChildren;
  children: JSXChildren;
  id?: string;
  /** The key that opens it, on any page that has it. */
  dataKey?: string;
  class?: string;
}

export const popover = ({ summary, children, id, dataKey, class: more }: Popover) => (
  <details class={more === undefined ? "travel" : `travel ${more}`} {...(id === undefined ? {} : { id })}>
    <summary data-key={dataKey} aria-keyshortcuts={dataKey}>
      {summary}
    </summary>
    <div class="panel">{children}</div>
  </details>
);
