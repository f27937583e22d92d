/**
 * The rows as static markup. This component takes no props, reads no signal and no loader, so it never joins what Qwik
 * serialises: five thousand rows cost nothing in `qwik/json`, and nothing ever renders them again. The loader of the page
 * leaves rows and shape on the request (`putRows`); the browser patches the cells by row id (`patcher.ts`).
 *
 * Rows come in tables of 50, each in a block with `content-visibility: auto`, so that a browser lays out only those in
 * view; every table repeats its header for assistive technology, out of sight.
 */
import { $, component$ } from "@builder.io/qwik";
import { getRequestEvent, type RequestEventCommon } from "@builder.io/qwik-city";
import type { Row } from "~/model/value";
import { toneOf } from "../ui/tone";
import { cellOf } from "./cell";
import type { FollowSpec } from "./follow-spec";
import { rowId } from "./row-id";
import type { Column, TableShape } from "./shape";

export const CHUNK_ROWS = 50;

export interface TableRows {
  shape: TableShape;
  rows: readonly Row[];
  /** How the browser follows the view; null = it does not (the past, a later page). */
  follow: FollowSpec | null;
}

const KEY = "weir.rows";

/** Called by a page's loader: the rows that `<EventRows />` writes into the same response. */
export const putRows = (ev: RequestEventCommon, table: TableRows): void => {
  ev.sharedMap.set(KEY, table);
};

export const EventRows = component$(() => {
  const table = getRequestEvent()?.sharedMap.get(KEY) as TableRows | undefined;
  if (!table) return <div id="rows" />;
  const { shape, rows } = table;
  const follow = table.follow === null ? "" : JSON.stringify(table.follow);
  return (
    <div
      id="rows"
      class="rows"
      data-follow={follow}
      onClick$={$((event: Event) => {
        const target = event.target as Element;
        if (target.closest("a") || getSelection()?.type === "Range") return;
        const row = target.closest("tr[id]");
        document.querySelector("#rows tr.picked")?.classList.remove("picked");
        row?.classList.add("picked");
      })}
    >
      {chunksOf(rows).map((chunk) => chunkBlock(shape, chunk))}
    </div>
  );
});

function chunksOf(rows: readonly Row[]): (readonly Row[])[] {
  const count = Math.max(1, Math.ceil(rows.length / CHUNK_ROWS));
  return Array.from({ length: count }, (_, i) => rows.slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS));
}

// Plain functions, not components: no wrapper comments. Keys would be written into the markup and serve nobody, since the
// rows are never rendered twice.
/* eslint-disable qwik/jsx-key */
const chunkBlock = (shape: TableShape, rows: readonly Row[]) => (
  <div class={rows.length === CHUNK_ROWS ? "cv" : "cv part"}>
    <table>
      <thead class="quiet">{headerRow(shape)}</thead>
      <tbody>{rows.map((row) => rowOf(shape, row))}</tbody>
    </table>
  </div>
);

const rowOf = (shape: TableShape, row: Row) => (
  <tr id={rowId(row[shape.key] as string)}>{shape.columns.map((column) => cellElement(shape, column, row))}</tr>
);

function cellElement(shape: TableShape, column: Column, row: Row) {
  const { text, href } = cellOf(shape, column, row);
  switch (column.kind) {
    case "status":
      return <td class={toneOf(text)}>{text}</td>;
    case "time":
      return <td>{text === "" ? null : <time>{text}</time>}</td>;
    case "batch":
      return <td>{href === null ? text : <a href={href}>{text}</a>}</td>;
    default:
      return <td>{text}</td>;
  }
}

const headerRow = (shape: TableShape) => (
  <tr>
    {shape.columns.map(({ label, kind }) => (
      <th scope="col" class={`k-${kind}`}>
        {label}
      </th>
    ))}
  </tr>
);

/** The header that people see, stuck to the top of the window; the tables' own headers serve assistive technology. */
export const EventHeader = component$<{ shape: TableShape }>(({ shape }) => (
  <table class="rows-head" aria-hidden="true">
    <thead>{headerRow(shape)}</thead>
  </table>
));
/* eslint-enable qwik/jsx-key */
