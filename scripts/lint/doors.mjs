/** The dependency directions of `src`, one line of thought per folder. Tests may import anything. */

/** Small server files that any stage may use. */
const BASICS = ["clock", "kept-answers", "log", "metrics", "turns"];

/** What engines are built of. */
const ENGINE = [
  "lake/reader",
  "lake/writer",
  "lake/answers",
  "lake/adopted",
  "lake/pins",
  "lake/hudi",
  "lake/storage",
  "model",
  ...BASICS,
];
const ENGINE_DOOR =
  "An engine is a leaf behind the ports src/lake/reader.ts and src/lake/writer.ts; what stages tell it comes in through those.";

/** @type {readonly import("./import-directions.mjs").Door[]} */
export const doors = [
  {
    from: "model",
    to: [],
    door: "The model is what everyone shares and runs anywhere: give it what it needs as an argument, or move the shared word into src/model.",
  },
  {
    from: "lake/storage",
    to: ["model"],
    door: "Storage moves bytes and knows no format: put what knows tables into src/lake/hudi.",
  },
  {
    from: "lake/hudi",
    to: ["lake/storage", "model", "clock"],
    door: "The format knows no engine and no stage: an engine calls it, see src/lake/duckdb.",
  },
  {
    from: "lake/adopted",
    to: ["lake/reader", "lake/answers", "lake/scan-piece", "lake/hudi", "model", "clock"],
    door: "What is the same of others' tables on every engine knows no engine: engines come in through src/lake/adopted/source.ts.",
  },
  {
    from: "lake/pins",
    to: ["lake/reader", "lake/hudi", "lake/storage", "model"],
    door: "Pins are files that either engine writes and reads: how is the engine's own.",
  },
  { from: "lake/duckdb", to: ENGINE, door: ENGINE_DOOR },
  { from: "lake/spark", to: [...ENGINE, "lake/scan-piece"], door: ENGINE_DOOR },
  {
    from: "lake/open",
    to: ["lake", "model", ...BASICS],
    types: ["config"],
    door: "It chooses an engine; stages are joined in src/app.ts.",
  },
  { from: "lake", to: ["model", "clock"], door: "A port is types and promises over src/model." },
  {
    from: "ingest",
    to: ["lake/storage", "model", ...BASICS],
    types: ["config", "lake/writer"],
    door: "Ingest meets the lake through the types of src/lake/writer.ts and never meets src/live; src/app.ts joins them.",
  },
  {
    from: "live",
    to: ["model", ...BASICS],
    types: ["lake/reader", "lake/writer"],
    door: "Live meets the lake through the types of its ports and never meets src/ingest; src/app.ts joins them.",
  },
  {
    from: "publisher",
    to: [],
    door: "The publisher is used alone, by programs that have no server: give it what it needs as an option.",
  },
  {
    from: "control",
    to: ["model", ...BASICS],
    door: "What people decide stands apart from the pipeline; src/app.ts joins them.",
  },
  { from: "components/ui", to: [], door: "Primitives know nothing of data: pass what they show as props." },
  {
    from: "components",
    to: ["model"],
    types: ["web/pages"],
    door: "Components reach a browser: get data from a route's loader, and types from src/model.",
  },
  {
    from: "web/pages",
    to: [
      "model",
      "control",
      "components",
      "config",
      "log",
      "web/actor",
      "web/feed-access",
      "web/form",
      "web/problem-calls",
      "web/owner-calls",
      "web/table-facts",
      "web/local-path",
      "web/pin-calls",
      "web/dead-letter-calls",
      "web/health-calls",
      "web/parameters",
      "web/difference-ends",
      "web/differences-call",
      "web/error-search",
      "web/problem-rule-calls",
      "web/search-query",
    ],
    types: ["app", "ingest", "lake/reader", "live"],
    door: "What a page shows is put together here from the app that is handed in; how it looks is in src/components.",
  },
  {
    from: "web",
    to: ["model", "control", "config", "log"],
    types: ["app"],
    door: "What HTTP adds (server, access, problems, descriptions) knows no stage: the app is handed in.",
  },
  {
    from: "routes",
    to: ["components", "control", "model", "web", "app-instance"],
    types: ["app", "lake/reader", "ingest", "live"],
    door: "A route is an adapter: call a verb of the app that getApp() of src/app-instance.ts gives.",
  },
];
