/**
 * A table that is read, not scanned: a caption for those who hear it, heads, rows, and what stands there instead of rows. On a
 * phone each row is a card, where a cell with `data-label` says what it is.
 */
import type { JSXChildren } from "@builder.io/qwik";

export interface ListColumn {
  label: string;
  /** In steps of the style sheet, rem or so; none = shares what is left. */
  width?: 4 | 6 | 8 | 12 | 16 | 32;
  isNumber?: boolean;
  /** The head is for those who listen only: a column of buttons. */
  isQuiet?: boolean;
}

export interface ListTable {
  caption: string;
  columns: readonly ListColumn[];
  /** `<tr>`s, or several `<tbody>`s with `isGrouped`. */
  rows: JSXChildren;
  isGrouped?: boolean;
  /** A further class of the table. */
  class?: string;
}

export const listTable = ({ caption, columns, rows, isGrouped = false, class: more }: ListTable) => (
  <table class={more === undefined ? "plain-table" : `plain-table ${more}`}>
    <caption class="quiet">{caption}</caption>
    <thead>
      <tr>{columns.map(headOf)}</tr>
    </thead>
    {isGrouped ? rows : <tbody>{rows}</tbody>}
  </table>
);

function headOf({ label, width, isNumber = false, isQuiet = false }: ListColumn) {
  const classes = [width && `w-${width}`, isNumber && "num"].filter(Boolean).join(" ");
  return (
    <th key={label} scope="col" class={classes === "" ? undefined : classes}>
      {isQuiet ? <span class="quiet">{label}</span> : label}
    </th>
  );
}

/** A list in its box: the table, or what is said when it has no rows. */
export const listBox = (isEmpty: boolean, empty: JSXChildren, table: () => JSXChildren) => (
  <div class="panel-box">{isEmpty ? empty : table()}</div>
);
