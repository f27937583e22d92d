/** The difference of two instants, described. */
import { CHANGE_KINDS } from "../model/difference";
import { integer, nullable, objectOf, query, ref, text, type Json } from "./openapi-parts";

export const differenceParameters: Json[] = [
  { $ref: "#/components/parameters/feed" },
  { ...query("at", "One end: instant, position, epoch ms, ISO time, relative time (-2h) or now."), required: true },
  { ...query("vs", "The other end, in the same forms. The earlier one comes first in the answer."), required: true },
  query("show", "The rows that are wanted.", { type: "string", enum: ["problems", "batches"] }),
  query("kind", "Only those.", { type: "string", enum: CHANGE_KINDS }),
  query("limit", "Rows at most.", { type: "integer", minimum: 1, maximum: 5_000, default: 100 }),
];

const counts = ref("ChangeCounts");
const standing: Json = { type: "string", enum: ["failing", "retrying", "well"] };
const end = objectOf({ position: ref("Position"), instant: nullable(ref("Instant")), committedAt: nullable(integer) });
const changed: Json = objectOf({
  kind: { type: "string", enum: CHANGE_KINDS },
  before: nullable({ type: "object" }),
  after: nullable({ type: "object" }),
});

export const differenceSchemas: Record<string, Json> = {
  ChangeCounts: objectOf(Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, integer]))),
  Difference: objectOf({
    feed: text,
    from: end,
    to: end,
    rows: objectOf({
      changed: nullable(integer),
      left: nullable(integer),
      byStatus: nullable({ type: "object", additionalProperties: objectOf({ before: integer, after: integer }) }),
    }),
    summary: objectOf({
      problems: counts,
      stillFailing: integer,
      batches: counts,
      pipelinesFailing: integer,
      pipelinesRecovered: integer,
      pipelines: {
        type: "array",
        items: objectOf({
          pipelineName: text,
          before: standing,
          after: standing,
          problems: counts,
          batches: counts,
          stages: { type: "array", items: objectOf({ stageName: text, problems: counts }) },
        }),
      },
    }),
    problems: { type: "array", items: changed },
    batches: { type: "array", items: changed },
    total: nullable(integer),
  }),
};
