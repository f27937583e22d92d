/** The HTTP surface as OpenAPI 3.1, with a row schema for every feed, derived from its Avro schema. */
import type { Feed, Field, FieldType } from "../model/feed";
import { controlPaths, controlSchemas } from "./openapi-control";
import { tablePaths, tableSchemas } from "./openapi-tables";
import { differenceParameters, differenceSchemas } from "./openapi-difference";
import { pipelinePaths, pipelineSchemas } from "./openapi-pipelines";
import { answer, integer, nullable, objectOf, operation, query, ref, text, type Json } from "./openapi-parts";
import { searchSchemas } from "./openapi-search";

/** @param version the version of the program */
export function openApi(feeds: readonly Feed[], version: string): Json {
  return {
    openapi: "3.1.0",
    info: { title: "Weir", version, description: "Events of data pipelines: publish, read, follow, travel in time." },
    servers: [{ url: "/api/v1" }],
    security: [{}, { secret: [] }],
    paths: paths(feeds),
    components: {
      securitySchemes: { secret: { type: "http", scheme: "bearer" } },
      parameters,
      responses: {
        problem: {
          description: "Problem (RFC 9457)",
          content: { "application/problem+json": { schema: ref("Problem") } },
        },
      },
      schemas: {
        ...schemas,
        ...tableSchemas,
        ...controlSchemas,
        ...differenceSchemas,
        ...searchSchemas,
        ...pipelineSchemas,
        ...Object.fromEntries(feeds.map((feed) => [`Row_${feed.name}`, rowSchema(feed.fields)])),
      },
    },
  };
}

function rowSchema(fields: readonly Field[]): Json {
  return objectOf(
    Object.fromEntries(
      fields.map((field) => {
        const schema = typeSchema(field.type);
        const described = field.doc === null ? schema : { ...schema, description: field.doc };
        return [field.name, field.nullable ? nullable(described) : described];
      }),
    ),
    true,
  );
}

function typeSchema(type: FieldType): Json {
  switch (type.kind) {
    case "string":
      return text;
    case "enum":
      return { type: "string", enum: type.symbols };
    case "boolean":
      return { type: "boolean" };
    case "int":
    case "date":
      return integer;
    case "long":
      return { type: ["integer", "string"], description: "Beyond 2^53-1 a decimal string." };
    case "timestamp":
      return { ...integer, description: type.unit === "millis" ? "Epoch milliseconds." : "Epoch microseconds." };
    case "float":
    case "double":
      return { type: ["number", "string"], description: '"NaN", "Infinity" and "-Infinity" are strings.' };
    case "decimal":
      return { ...text, format: "decimal" };
    case "bytes":
      return { ...text, contentEncoding: "base64" };
    case "array":
      return { type: "array", items: typeSchema(type.items) };
    case "map":
      return { type: "object", additionalProperties: typeSchema(type.values) };
    case "record":
      return rowSchema(type.fields);
  }
}

const parameters: Record<string, Json> = {
  feed: { name: "feed", in: "path", required: true, schema: text },
  view: {
    name: "view",
    in: "path",
    required: true,
    schema: { type: "string", enum: ["problems", "pipelines", "batches"] },
  },
  at: query("at", "Instant, position, epoch ms, ISO time, relative time (-2h) or now."),
  from: query("from", "Earliest event time; 24 h before the instant unless told."),
  to: query("to", "Event times below this."),
  q: query("q", "Case-insensitive substring of any string field."),
  limit: query("limit", "Rows at most.", { type: "integer", minimum: 1, maximum: 1_000_000, default: 1000 }),
  after: query("after", "The `next` of the previous page."),
  meta: query("meta", "Adds the _hoodie_ fields and the partition column.", { type: "boolean" }),
  format: query("format", "Instead of Accept.", { type: "string", enum: ["json", "ndjson", "csv"] }),
  cols: query("cols", "Names of fields, with commas between them: only these, in this order."),
  sort: query(
    "sort",
    "A field: the rows of the hot window that match in its order, with a - before it the greatest first; what is absent is last. Not with meta.",
  ),
  since: query("since", "Position, instant, ISO time, or 0 for the whole state. Several topics: topic@position,…"),
  until: query("until", "Position or instant; the head unless told."),
};

const use = (...names: string[]): Json[] => names.map((name) => ({ $ref: `#/components/parameters/${name}` }));

const stream = answer("Events hello, delta, hb, schema, preview, note, reset, bye.", text, "text/event-stream");
const columnFilters = "Further parameters are column filters: c=v repeated is OR, c!=v none of, an empty v is null.";

function paths(feeds: readonly Feed[]): Json {
  const anyRow =
    feeds.length === 1 ? ref(`Row_${feeds[0]!.name}`) : { anyOf: feeds.map((feed) => ref(`Row_${feed.name}`)) };
  const rowsOf = (named: "feed" | "view", row: Json) =>
    objectOf({
      [named]: text,
      position: ref("Position"),
      instant: ref("Instant"),
      rows: { type: "array", items: row },
      next: nullable(text),
    });
  const letter = [...use("feed"), { name: "id", in: "path", required: true, schema: text }];
  return {
    "/feeds": {
      get: operation("All feeds", [], {
        200: answer("Feeds", objectOf({ feeds: { type: "array", items: ref("Feed") } })),
      }),
    },
    "/feeds/{feed}": { get: operation("One feed", use("feed"), { 200: answer("Feed", ref("Feed")) }) },
    "/feeds/{feed}/events": {
      post: operation(
        "Publish events",
        use("feed"),
        { 202: answer("Staged durably", ref("Receipt")) },
        {
          requestBody: {
            required: true,
            content: {
              "application/json": { schema: { anyOf: [anyRow, { type: "array", items: anyRow }] } },
              "application/x-ndjson": { schema: text },
              "application/avro": { schema: { type: "string", format: "binary" } },
            },
          },
        },
      ),
    },
    "/pubsub/push/{feed}": {
      post: operation(
        "A Pub/Sub push delivery. 429, like everything else but 204, leaves the message with Pub/Sub",
        [
          ...use("feed"),
          query(
            "charge",
            "Where pushes are signed by the service account of WEIR_PUBSUB_PUSH_EMAIL: id of the token whose rights, rate and quota hold for this subscription.",
          ),
          query("token", "Not looked at: addresses of subscriptions are often given one."),
        ],
        { 204: answer("Acknowledged") },
      ),
    },
    "/feeds/{feed}/rows": {
      get: operation(
        "Rows as of a position",
        use("feed", "at", "from", "to", "q", "limit", "after", "meta", "format", "cols", "sort"),
        {
          200: answer("Rows, newest event time first unless sorted", {
            allOf: [
              rowsOf("feed", anyRow),
              {
                type: "object",
                properties: {
                  sortedFrom: {
                    ...nullable(integer),
                    description: "With sort: from this event time on every row was looked at; null = all there are.",
                  },
                },
              },
            ],
          }),
        },
        { description: columnFilters },
      ),
    },
    "/feeds/{feed}/changes": {
      get: operation("What changed in (since, until]", use("feed", "since", "until"), {
        200: answer("Changes", ref("Changes")),
      }),
    },
    "/feeds/{feed}/difference": {
      get: operation("What changed between two instants", differenceParameters, {
        200: answer("Numbers, and the rows that were asked for", ref("Difference")),
      }),
    },
    "/feeds/{feed}/differences": {
      get: operation(
        "Fields whose values tell the events that match from the others of the same time, within the hot window",
        use("feed", "at", "from", "to", "q"),
        { 200: answer("The most telling field first", ref("FieldDifferences")) },
        { description: columnFilters },
      ),
    },
    "/search": {
      get: operation(
        "Errors that have all words of q, grouped by problem; quotes make a phrase",
        [
          query("feed", "the first with pipelines unless told"),
          query("pipeline", "only of this pipeline"),
          ...use("q", "from", "to", "at", "limit", "after"),
        ],
        { 200: answer("What was found, and how far back was looked", ref("ErrorAnswer")) },
      ),
    },
    "/feeds/{feed}/live": { get: operation("Follow one feed", use("feed", "since"), { 200: stream }) },
    "/live": {
      get: operation("Follow several topics", [query("topics", "feeds/x,views/y"), ...use("since")], { 200: stream }),
    },
    "/feeds/{feed}/timeline": {
      get: operation("Instants of the state table", use("feed", "limit", "after"), {
        200: answer("Timeline", ref("Timeline")),
      }),
    },
    "/feeds/{feed}/history/{key}": {
      get: operation(
        "All versions of a key",
        [...use("feed"), { name: "key", in: "path", required: true, schema: text }],
        {
          200: answer(
            "Versions",
            objectOf({
              key: text,
              versions: { type: "array", items: objectOf({ instant: ref("Instant"), row: anyRow }) },
            }),
          ),
        },
      ),
    },
    "/feeds/{feed}/dead-letters": {
      get: operation("What could not be taken", use("feed", "limit", "after"), {
        200: answer(
          "Dead letters",
          objectOf({ deadLetters: { type: "array", items: ref("DeadLetter") }, next: nullable(text) }),
        ),
      }),
    },
    "/feeds/{feed}/dead-letters/{id}": {
      get: operation("Raw bytes", letter, {
        200: answer("Bytes", { type: "string", format: "binary" }, "application/octet-stream"),
      }),
      delete: operation("Forget it", letter, { 204: answer("Gone") }),
    },
    "/feeds/{feed}/dead-letters/{id}/replay": {
      post: operation("Send it again", letter, { 202: answer("Staged durably", ref("Receipt")) }),
    },
    "/feeds/{feed}/pins": {
      get: operation("Instants that are kept for ever", use("feed"), {
        200: answer("Pins", objectOf({ pins: { type: "array", items: ref("Pin") } })),
      }),
      post: operation(
        "Pin an instant",
        use("feed"),
        { 201: answer("Pinned", objectOf({ instant: ref("Instant") })) },
        { requestBody: { required: true, content: { "application/json": { schema: ref("PinRequest") } } } },
      ),
    },
    "/feeds/{feed}/pins/{instant}": {
      delete: operation("Unpin it", [...use("feed"), { name: "instant", in: "path", required: true, schema: text }], {
        204: answer("Unpinned"),
      }),
    },
    "/views": {
      get: operation("Derived views", [], {
        200: answer("Views", objectOf({ views: { type: "array", items: ref("View") } })),
      }),
    },
    "/views/{view}/rows": {
      get: operation("Rows of a view", use("view", "at", "from", "to", "q", "limit", "after"), {
        200: answer("Rows", rowsOf("view", { type: "object" })),
      }),
    },
    "/views/{view}/changes": {
      get: operation("What changed in a view", use("view", "since", "until"), {
        200: answer("Changes", ref("Changes")),
      }),
    },
    "/views/{view}/live": { get: operation("Follow a view", use("view", "since"), { 200: stream }) },
    ...tablePaths,
    ...pipelinePaths,
    ...controlPaths,
    "/openapi.json": { get: operation("This description", [], { 200: answer("OpenAPI 3.1", { type: "object" }) }) },
  };
}

const schemas: Record<string, Json> = {
  Position: { ...text, description: "Opaque: where a reader stands." },
  Instant: { ...text, pattern: "^\\d{17}$" },
  Problem: objectOf({ type: text, title: text, status: integer, detail: text, code: text, requestId: text }, true),
  Rejection: objectOf({ index: integer, field: nullable(text), reason: text, deadLetter: nullable(text) }),
  Receipt: objectOf({ accepted: integer, rejected: { type: "array", items: ref("Rejection") } }),
  DeadLetter: objectOf({ id: text, at: integer, source: text, field: nullable(text), reason: text, bytes: integer }),
  Pin: objectOf({
    instant: ref("Instant"),
    committedAt: nullable(integer),
    pinnedAt: integer,
    note: text,
    rows: integer,
  }),
  PinRequest: { type: "object", properties: { at: { type: ["string", "integer"] }, note: text }, required: ["at"] },
  View: objectOf({ view: text, feed: text, key: text, cols: { type: "array", items: text } }),
  Changes: objectOf({
    from: ref("Position"),
    to: ref("Position"),
    schemaId: text,
    cols: { type: "array", items: text },
    up: { type: "array", items: { type: "array" } },
    del: { type: "array", items: text },
  }),
  Timeline: objectOf({
    feed: text,
    position: ref("Position"),
    instants: { type: "array", items: { type: "object" } },
    next: nullable(text),
  }),
  Feed: objectOf(
    {
      feed: text,
      title: text,
      key: text,
      ordering: text,
      eventTime: text,
      partition: { type: "string", enum: ["day", "hour"] },
      writeMode: { type: "string", enum: ["upsert", "append"] },
      schema: { type: "object" },
      schemaId: text,
      head: ref("Position"),
      instant: nullable(ref("Instant")),
      committedAt: nullable(integer),
      newestEventAt: nullable(integer),
      rows: integer,
      byStatus: { type: "object", additionalProperties: integer },
      hot: objectOf({ rows: integer, from: nullable(integer) }),
      staged: objectOf({ events: integer, bytes: integer, oldestAt: nullable(integer) }),
      deadLetters: integer,
      reach: nullable(ref("Instant")),
      state: { type: "string", enum: ["live", "catching-up", "stalled", "read-only"] },
      writer: nullable(
        objectOf({
          here: { type: "boolean" },
          host: text,
          pid: integer,
          address: nullable(text),
          lease: integer,
          since: integer,
        }),
      ),
    },
    true,
  ),
};
