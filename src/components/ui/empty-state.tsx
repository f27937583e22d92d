/** There is nothing, why that is, and what to do: the inside of a box that would hold a list. */
import type { JSXChildren } from "@builder.io/qwik";

export const emptyState = (title: string, text: string | null, action: JSXChildren = null) => (
  <div class="empty">
    <strong>{title}</strong>
    {text === null ? null : <span>{text}</span>}
    {action}
  </div>
);
