/**
 * The rows as static markup. This component takes no props, reads no signal and no loader, so it never joins what Qwik
 * serialises: five thousand rows cost nothing in `qwik/json`, and nothing ever renders them again. The loader of the page
 * leaves rows and shape on the request (`putRows`); the browser patches the cells by row id (`patcher.ts`).
 *
 * Rows come in tables of 50, each in a block with `content-visibility: auto`, so that a browser lays out only those in
 * view; every table repeats its header for assistive technology, out of sight.
 */
import { component$, SSRStream } from "@builder.io/qwik";
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { Row } from "~/model/value";
import { leavePageData, pickPageData } from "../page-data";
import type { TableFacts } from "../shell/row-actions";
import type { FollowSpec } from "./follow-spec";
import { rowBlocks } from "./markup";
import type { TableShape } from "./shape";
import type { SortHead } from "./sort-heads";

export interface TableRows {
  shape: TableShape;
  rows: readonly Row[];
  /** How the browser follows the view; null = it does not (the past, a later page). */
  follow: FollowSpec | null;
}

/** Called by a page's loader: the rows that `<EventRows />` writes into the same response. */
export const putRows = (ev: RequestEventCommon, table: TableRows): void => leavePageData(ev, "rows", table);

export const EventRows = component$(() => {
  const { shape, rows, follow } = pickPageData<TableRows>("rows")!;
  const spec = follow === null ? "" : JSON.stringify(follow);
  const facts = JSON.stringify(factsOf(shape));
  return (
    <div id="rows" class="rows" data-follow={spec} data-facts={facts}>
      <SSRStream>{({ write }) => writeRows(shape, rows, write)}</SSRStream>
    </div>
  );
});

/** Kinds whose cells show the value itself, by which rows can be filtered. */
const FILTERABLE = ["text", "status", "batch"];

/** What the keys need to know of the table (`shell/row-actions.ts`). The pipeline stands before the batch: it is the better guess. */
function factsOf({ feed, fields, columns, key, eventTime, at }: TableShape): TableFacts {
  const cells = columns.flatMap(({ kind }, i) => (FILTERABLE.includes(kind) ? [i] : []));
  const weight = (cell: number) => (columns[cell]!.kind === "batch" ? 2 : columns[cell]!.kind === "status" ? 1 : 0);
  return {
    feed,
    fields: columns.map(({ index }) => fields[index]!.name),
    filterable: cells.sort((a, b) => weight(a) - weight(b)),
    error: columns.findIndex(({ kind }) => kind === "long"),
    time: columns.findIndex(({ index }) => index === eventTime),
    keyField: fields[key]!.name,
    at,
  };
}

/** Blocks that are written in one go, about 50 kB; the first one alone, because it is what people see first. */
const BLOCKS_AT_ONCE = 5;

/** Between two pieces other requests have their turn, and what was written is on its way to the browser. */
async function writeRows(shape: TableShape, rows: readonly Row[], write: (text: string) => void): Promise<void> {
  let piece = "";
  let count = 0;
  let isFirst = true;
  for (const block of rowBlocks(shape, rows)) {
    piece += block;
    count++;
    if (!isFirst && count < BLOCKS_AT_ONCE) continue;
    write(piece);
    [piece, count, isFirst] = ["", 0, false];
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (piece !== "") write(piece);
}

/** The same where an order can be chosen: on a narrow window it is a line of links. */
export const sortHeader = (heads: readonly SortHead[]) => (
  <table class="rows-head by" role="group" aria-label="Order of the events">
    <thead>
      <tr>
        {heads.map(({ label, kind, href, hint, order }) => (
          <th key={label} class={`k-${kind}`}>
            {href === null ? (
              label
            ) : (
              <a href={href} aria-label={hint} title={hint} data-order={order} aria-current={order !== null}>
                {label}
              </a>
            )}
          </th>
        ))}
      </tr>
    </thead>
  </table>
);

/** The header that people see, stuck to the top of the window; the tables' own headers serve assistive technology. */
export const eventHeader = (shape: TableShape) => (
  <table class="rows-head" aria-hidden="true">
    <thead>
      <tr>
        {shape.columns.map(({ label, kind }) => (
          <th key={label} scope="col" class={`k-${kind}`}>
            {label}
          </th>
        ))}
      </tr>
    </thead>
  </table>
);
