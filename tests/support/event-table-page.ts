/** Brought into a blank page by tests/e2e/event-table.e2e.ts: the server's markup and the browser's patcher, side by side. */
import { rowBlocks } from "../../src/components/event-table/markup";
import { createEventTable, type EventTable } from "../../src/components/event-table/patcher";
import { comparePlaces } from "../../src/components/event-table/place";
import { keyOfRowId } from "../../src/components/event-table/row-id";
import type { TableShape } from "../../src/components/event-table/shape";
import type { Row } from "../../src/model/value";
import type * as Self from "./event-table-page";

type Place = readonly [key: string, time: number, version?: number];

declare global {
  const table: typeof Self;
}

const BEGIN = Date.parse("2026-11-21T10:00:00Z");
const shape: TableShape = {
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
let patched: EventTable;

export function render(places: readonly Place[], limit: number, complete: boolean): void {
  const sorted = [...places].sort(([a, left], [b, right]) =>
    comparePlaces({ key: a, time: left }, { key: b, time: right }),
  );
  root().innerHTML = [...rowBlocks(shape, sorted.map(rowOf))].join("");
  patched = createEventTable(root(), shape, { limit, complete });
}

export function apply(up: readonly Place[], del: readonly string[]): void {
  const gone = del.map((key): [string, null] => [key, null]);
  patched.apply(new Map<string, Row | null>([...gone, ...up.map((place): [string, Row] => [place[0], rowOf(place)])]));
}

export const preview = (places: readonly Place[], isHeld: boolean): void =>
  patched.preview(new Map(places.map((place): [string, Row] => [place[0], rowOf(place)])), isHeld);
export const withdraw = (gone: readonly string[] | null): void => patched.withdraw(gone);
export const previewed = (): string[] => rows().filter(({ classList }) => classList.contains("preview")).map(({ id }) => keyOfRowId(id)); // prettier-ignore

export const refill = (places: readonly Place[]): void => patched.refill(places.map(rowOf), false);
export const keys = (): string[] => rows().map(({ id }) => keyOfRowId(id));
export const markup = (): string[] => rows().map((row) => row.outerHTML);
