/** Brought into a blank page by tests/e2e/event-table.e2e.ts: the server's markup and the browser's patcher, side by side. */
import { rowBlocks } from "../../src/components/event-table/markup";
import { createEventTable, type EventTable } from "../../src/components/event-table/patcher";
import { placeOrder, rowPlace } from "../../src/components/event-table/place";
import { keyOfRowId } from "../../src/components/event-table/row-id";
import type { TableShape } from "../../src/components/event-table/shape";
import type { Row } from "../../src/model/value";
import type * as Self from "./event-table-page";

type Place = readonly [key: string, time: number, version?: number];

declare global {
  const table: typeof Self;
}

const BEGIN = Date.parse("2026-11-21T10:00:00Z");
const newestFirst: TableShape = {
  feed: "f",
  schemaId: "s",
  key: 0,
  eventTime: 3,
  at: null,
  fields: [
    { name: "id", type: { kind: "string" } },
    { name: "correlationId", type: { kind: "string" } },
    { name: "status", type: { kind: "string" } },
    { name: "time", type: { kind: "timestamp", unit: "millis" } },
    { name: "records", type: { kind: "long" } },
    { name: "error", type: { kind: "string" } },
  ],
  columns: [
    { index: 1, label: "Correlation ID", kind: "batch" },
    { index: 2, label: "Status", kind: "status" },
    { index: 3, label: "Timestamp", kind: "time" },
    { index: 4, label: "Records", kind: "number" },
    { index: 5, label: "Error", kind: "long" },
  ],
};

/** Every value follows from key, time and version, so that a row that was patched wrongly differs. */
const rowOf = ([key, time, version = 0]: Place): Row => {
  const seed = time + version;
  const status = ["RUNNING", "FAILED", "COMPLETED", "", "RETRYING"][Math.abs(seed) % 5]!;
  const batch = [key, null, `${key}-${version}`][version % 3]!;
  return [
    key,
    batch,
    status,
    BEGIN + time,
    seed % 2 === 0 ? null : seed * 1_000,
    seed % 3 === 0 ? null : `${key}\nmore`,
  ];
};

const root = () => document.getElementById("rows")!;
const rows = () => [...root().querySelectorAll<HTMLElement>("tbody > tr")];
let shape = newestFirst;
let patched: EventTable;

/** Rows stand by the number of records from here on, the greatest first; many have none, which is last. */
export const sortByRecords = (): void => void (shape = { ...newestFirst, sort: { field: 4, descending: true } });

export function render(places: readonly Place[], limit: number, complete: boolean): void {
  const order = placeOrder(shape);
  const sorted = places.map(rowOf).sort((a, b) => order(rowPlace(shape, a), rowPlace(shape, b)));
  root().innerHTML = [...rowBlocks(shape, sorted)].join("");
  patched = createEventTable(root(), shape, { limit, complete });
}

export function apply(up: readonly Place[], del: readonly string[]): void {
  const gone = del.map((key): [string, null] => [key, null]);
  patched.apply(new Map<string, Row | null>([...gone, ...up.map((place): [string, Row] => [place[0], rowOf(place)])]));
}

/** Answers with the keys whose changes would move something. */
export const applyInPlace = (up: readonly Place[]): string[] => [
  ...patched.applyInPlace(new Map(up.map((place): [string, Row] => [place[0], rowOf(place)]))).keys(),
];
export const trimOlder = (time: number): void => patched.trimOlder({ time: BEGIN + time - 0.5, key: "" });

export const preview = (places: readonly Place[], isHeld: boolean): void =>
  patched.preview(new Map(places.map((place): [string, Row] => [place[0], rowOf(place)])), isHeld);
export const withdraw = (gone: readonly string[] | null): void => patched.withdraw(gone);
export const previewed = (): string[] => rows().filter(({ classList }) => classList.contains("preview")).map(({ id }) => keyOfRowId(id)); // prettier-ignore

/** Reads so many rows more. */
export const readAhead = (rows: number): void => {
  let left = rows;
  patched.readAhead(() => left-- > 0);
};

export const refill = (places: readonly Place[]): void => patched.refill(places.map(rowOf), false);
export const keys = (): string[] => rows().map(({ id }) => keyOfRowId(id));
export const markup = (): string[] => rows().map((row) => row.outerHTML);
