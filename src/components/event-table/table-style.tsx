/**
 * The rules that depend on a feed's columns: alignment, and the labels that cells carry where rows are cards. As rules they
 * cost nothing per cell. Labels come from the schema, not from events, and are escaped all the same.
 */

import type { ColumnKind, TableShape } from "./shape";

/** Kinds whose text says by itself what it is. */
const LABELLED: readonly ColumnKind[] = ["number", "text", "other"];

export function tableRules(shape: Pick<TableShape, "columns">): string {
  return shape.columns
    .map(({ kind, label }, i) => {
      const cell = `.rows td:nth-child(${i + 1})`;
      const align = kind === "number" ? `@media(min-width:46.01rem){${cell}{text-align:right}}` : "";
      const card = LABELLED.includes(kind)
        ? `@media(max-width:64rem){${cell}:not(:empty)::before{content:"${cssText(label)} ";color:var(--muted);font-size:var(--tiny)}}`
        : "";
      return align + card;
    })
    .join("");
}

/** Inside a CSS string and inside a style element: everything but letters, digits and spaces is written as its code. */
const cssText = (text: string): string =>
  text.replace(/[^A-Za-z0-9 ]/gu, (char) => `\\${char.codePointAt(0)!.toString(16)} `);

// The policy of the server allows inline styles, so no nonce is needed.
export const tableStyle = (shape: TableShape) => {
  const rules = tableRules(shape);
  return <style dangerouslySetInnerHTML={rules} />;
};
