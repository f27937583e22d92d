/** The calls about tables, as OpenAPI. */
import { answer, integer, nullable, objectOf, operation, query, ref, text, type Json } from "./openapi-parts";

const feed: Json = { $ref: "#/components/parameters/feed" };
const list = (items: Json): Json => ({ type: "array", items });

export const tablePaths: Json = {
  "/feeds/{feed}/health": {
    get: operation(
      "Health checks of the tables",
      [
        feed,
        { $ref: "#/components/parameters/at" },
        query("duplicates", "count: keys in several partitions are counted too, which reads every key.", {
          type: "string",
          enum: ["count"],
        }),
      ],
      { 200: answer("Checks", ref("TableHealth")) },
    ),
  },
  "/feeds/{feed}/timeline/{instant}": {
    get: operation(
      "What one instant did, in each table",
      [feed, { name: "instant", in: "path", required: true, schema: ref("Instant") }],
      {
        200: answer(
          "Actions of that instant",
          objectOf({ feed: text, instant: ref("Instant"), actions: list(ref("TableAction")) }),
        ),
      },
    ),
  },
};

const role: Json = { type: "string", enum: ["state", "log", "table"] };
const number: Json = { type: "number" };

export const tableSchemas: Record<string, Json> = {
  TableHealth: objectOf({
    feed: text,
    instant: nullable(ref("Instant")),
    at: integer,
    state: { type: "string", enum: ["ok", "watch", "bad"] },
    checks: list(ref("TableCheck")),
  }),
  TableCheck: objectOf({
    id: text,
    table: nullable(role),
    title: text,
    state: { type: "string", enum: ["ok", "watch", "bad", "note", "unknown"] },
    number: nullable(number),
    unit: nullable({ type: "string", enum: ["ms", "bytes", "count", "ratio", "factor"] }),
    value: text,
    limit: nullable(text),
    why: text,
    cure: text,
    instants: list(text),
  }),
  TableAction: objectOf({
    instant: ref("Instant"),
    table: role,
    tableName: text,
    action: text,
    state: { type: "string", enum: ["REQUESTED", "INFLIGHT", "COMPLETED"] },
    completedAt: nullable(integer),
    durationMs: nullable(integer),
    inserted: integer,
    updated: integer,
    deleted: integer,
    bytes: integer,
    partitions: list(text),
    batches: integer,
    operation: nullable(text),
    files: list(
      objectOf({
        partition: text,
        fileId: text,
        name: text,
        previous: nullable(ref("Instant")),
        bytes: integer,
        rows: integer,
        inserted: integer,
        updated: integer,
        deleted: integer,
      }),
    ),
    staged: list(text),
    fence: nullable(integer),
    versions: nullable(integer),
    replaced: list(objectOf({ partition: text, fileIds: list(text) })),
    removed: list(text),
    keptSince: nullable(text),
    extra: list(list(text)),
    unknown: nullable(text),
  }),
};
