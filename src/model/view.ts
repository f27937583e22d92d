/**
 * Views by name and shape. A derived view has the same shape as a feed (fields, key, time, status), so that everything which
 * lists, filters, renders or streams rows does it for both alike.
 */
import type { BatchSummary } from "./batch";
import type { Feed, Field, FieldType } from "./feed";
import { fingerprint } from "./normalise-error";
import type { PipelineSummary } from "./pipeline";
import type { Problem } from "./problem";
import type { Row, WireValue } from "./value";

export const VIEWS = ["problems", "pipelines", "batches"] as const;
export type ViewName = (typeof VIEWS)[number];

/** `feeds/<name>` or `views/<name>`: what a stream subscribes to. */
export type Topic = `feeds/${string}` | `views/${string}`;

const TEXT: FieldType = { kind: "string" };
const LONG: FieldType = { kind: "long" };
const TIME: FieldType = { kind: "timestamp", unit: "millis" };
const states = (...symbols: string[]): FieldType => ({ kind: "enum", symbols });

type Shape = readonly (readonly [name: string, type: FieldType, isNullable?: "null"])[];

const RUN_STATE = states("running", "retrying", "failed", "completed");

const PROBLEMS: Shape = [
  ["id", TEXT],
  ["pipelineName", TEXT],
  ["stageName", TEXT],
  ["error", TEXT],
  ["reason", TEXT],
  ["state", states("failing", "retrying", "recovered")],
  ["firstSeen", TIME],
  ["lastSeen", TIME],
  ["count", LONG],
  ["batches", LONG],
  ["recoveredAt", TIME, "null"],
  ["since", TIME],
  ["episodes", LONG],
  ["trend", { kind: "array", items: LONG, itemsNullable: false }],
  ["pattern", TEXT],
  ["lastBatch", TEXT],
];

const PIPELINES: Shape = [
  ["pipelineName", TEXT],
  ["state", states("failing", "retrying", "running", "ok")],
  [
    "recent",
    {
      kind: "array",
      itemsNullable: false,
      items: {
        kind: "record",
        fields: fieldsOf([
          ["correlationId", TEXT],
          ["state", RUN_STATE],
          ["startedAt", TIME],
          ["durationMs", LONG, "null"],
          ["rows", LONG, "null"],
        ]),
      },
    },
  ],
  ["runs", LONG],
  ["running", LONG],
  ["retrying", LONG],
  ["failed", LONG],
  ["completed", LONG],
  ["usualDurationMs", { kind: "double" }, "null"],
  ["nowDurationMs", LONG, "null"],
  ["usualRows", { kind: "double" }, "null"],
  ["nowRows", LONG, "null"],
  ["lastSuccessAt", TIME, "null"],
  ["lastStartedAt", TIME],
  ["kind", states("batch", "stream")],
  ["firstSeenAt", TIME],
  ["lastHeartbeatAt", TIME],
  ["usualEveryMs", { kind: "double" }, "null"],
  ["everySpreadMs", { kind: "double" }, "null"],
  ["usualEveryOf", TEXT, "null"],
  ["dueAt", TIME, "null"],
  ["durationSpreadMs", { kind: "double" }, "null"],
  ["rowsSpread", { kind: "double" }, "null"],
  ["underWaySince", TIME, "null"],
  ["underWayHeardAt", TIME, "null"],
  ["lagRows", { kind: "double" }, "null"],
];

const BATCHES: Shape = [
  ["correlationId", TEXT],
  ["pipelines", { kind: "array", items: TEXT, itemsNullable: false }],
  ["state", RUN_STATE],
  ["startedAt", TIME],
  ["endedAt", TIME, "null"],
  ["attempts", LONG],
  ["failed", LONG],
  ["rowsIn", LONG, "null"],
  ["rowsOut", LONG, "null"],
  ["quality", { kind: "double" }, "null"],
  ["worstStage", TEXT, "null"],
];

const SHAPES: Record<ViewName, { shape: Shape; eventTime: string }> = {
  problems: { shape: PROBLEMS, eventTime: "lastSeen" },
  pipelines: { shape: PIPELINES, eventTime: "lastStartedAt" },
  batches: { shape: BATCHES, eventTime: "startedAt" },
};

/** The shape of a derived view in the words of a feed. @param name its name in URLs */
export function viewShape(view: ViewName, name: string): Feed {
  const { shape, eventTime } = SHAPES[view];
  const fields = fieldsOf(shape);
  const index = (field: string) => fields.findIndex(({ name }) => name === field);
  return {
    name,
    title: name,
    schema: null,
    schemaId: fingerprint(JSON.stringify(shape)).slice(0, 8),
    fields,
    key: 0,
    ordering: index(eventTime),
    eventTime: index(eventTime),
    rank: null,
    granularity: "day",
    partitionColumn: "event_date",
    writeMode: "upsert",
    buckets: null,
    historyMs: null,
    retentionMs: null,
    status: index("state"),
    derivedFrom: null,
    columns: fields.map(({ name }, i) => ({ index: i, label: name })),
  };
}

function fieldsOf(shape: Shape): Field[] {
  return shape.map(([name, type, nullable]) => ({
    name,
    type,
    nullable: nullable === "null",
    default: undefined,
    doc: null,
  }));
}

type Summary = Problem | PipelineSummary | BatchSummary;

/** The values of a summary in the order of its view's columns. */
export const summaryToRow = (view: ViewName, summary: Summary): Row =>
  SHAPES[view].shape.map(([name]) => (summary as unknown as Record<string, WireValue>)[name]!);

/** The typed object of a row in the order of `cols`, as frames and pages carry it. */
export const rowToProblem = (row: Row): Problem => fromRow("problems", row) as Problem;
export const rowToPipeline = (row: Row): PipelineSummary => fromRow("pipelines", row) as PipelineSummary;
export const rowToBatch = (row: Row): BatchSummary => fromRow("batches", row) as BatchSummary;

const fromRow = (view: ViewName, row: Row): unknown =>
  Object.fromEntries(SHAPES[view].shape.map(([name], i) => [name, row[i] ?? null]));
