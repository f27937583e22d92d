/**
 * The rows as static markup. This component takes no props, reads no signal and no loader, so it never joins what Qwik
 * serialises: five thousand rows cost nothing in `qwik/json`, and nothing ever renders them again. The loader of the page
 * leaves rows and shape on the request (`putRows`); the browser patches the cells by row id (`patcher.ts`).
 *
 * Rows come in tables of 50, each in a block with `content-visibility: auto`, so that a browser lays out only those in
 * view; every table repeats its header for assistive technology, out of sight.
 */
import { $, component$ } from "@builder.io/qwik";
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { Row } from "~/model/value";
import { leavePageData, pickPageData } from "../page-data";
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

/** Called by a page's loader: the rows that `<EventRows />` writes into the same response. */
export const putRows = (ev: RequestEventCommon, table: TableRows): void => leavePageData(ev, "rows", table);

export const EventRows = component$(() => {
  const table = pickPageData<TableRows>("rows");
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

// Plain functions, not components: no wrapper comments. Without `key={null}` the compiler would write a key of its own into each
// element, a quarter of the page; nobody needs them, since the rows are never rendered twice.
const chunkBlock = (shape: TableShape, rows: readonly Row[]) => (
  <div key={null} class={rows.length === CHUNK_ROWS ? "cv" : "cv part"}>
    <table>
      <thead class="quiet">{headerRow(shape)}</thead>
      <tbody>{rows.map((row) => rowOf(shape, row))}</tbody>
    </table>
  </div>
);

const rowOf = (shape: TableShape, row: Row) => (
  <tr key={null} id={rowId(row[shape.key] as string)}>
    {shape.columns.map((column) => cellElement(shape, column, row))}
  </tr>
);

function cellElement(shape: TableShape, column: Column, row: Row) {
  const { text, href } = cellOf(shape, column, row);
  switch (column.kind) {
    case "status":
      return (
        <td key={null} class={toneOf(text)}>
          {text}
        </td>
      );
    case "time":
      return <td key={null}>{text === "" ? null : <time key={null}>{text}</time>}</td>;
    case "batch":
      return (
        <td key={null}>
          {href === null ? (
            text
          ) : (
            <a key={null} href={href}>
              {text}
            </a>
          )}
        </td>
      );
    default:
      return <td key={null}>{text}</td>;
  }
}

const headerRow = (shape: TableShape) => (
  <tr key={null}>
    {shape.columns.map(({ label, kind }) => (
      <th key={null} scope="col" class={`k-${kind}`}>
        {label}
      </th>
    ))}
  </tr>
);

/** The header that people see, stuck to the top of the window; the tables' own headers serve assistive technology. */
export const eventHeader = (shape: TableShape) => (
  <table class="rows-head" aria-hidden="true">
    <thead>{headerRow(shape)}</thead>
  </table>
);
