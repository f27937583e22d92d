/** What searching in errors and comparing fields answer. */
import { integer, nullable, objectOf, ref, text, type Json } from "./openapi-parts";

const list = (items: Json): Json => ({ type: "array", items });

export const searchSchemas: Record<string, Json> = {
  FoundProblem: objectOf({
    id: text,
    pipelineName: text,
    stageName: text,
    line: text,
    marks: list(list(integer)),
    state: nullable({ type: "string", enum: ["failing", "retrying", "recovered"] }),
    count: integer,
    firstAt: integer,
    lastAt: integer,
    lastBatch: text,
  }),
  ErrorAnswer: objectOf({
    feed: text,
    terms: list(text),
    position: ref("Position"),
    instant: nullable(ref("Instant")),
    matches: integer,
    grouped: integer,
    problems: list(ref("FoundProblem")),
    others: integer,
    searchedFrom: nullable(integer),
    next: nullable(text),
  }),
  FieldDifferences: objectOf({
    feed: text,
    position: ref("Position"),
    instant: nullable(ref("Instant")),
    from: nullable(integer),
    to: nullable(integer),
    isCut: { type: "boolean" },
    selected: integer,
    rest: integer,
    fields: list(
      objectOf({
        field: text,
        score: { type: "number" },
        isClear: { type: "boolean" },
        isOutcome: { type: "boolean" },
        isFilter: { type: "boolean" },
        values: list(objectOf({ text: nullable(text), selected: integer, rest: integer })),
        others: integer,
      }),
    ),
  }),
};
