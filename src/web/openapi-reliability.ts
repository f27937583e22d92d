/** The call about reliability. */
import { answer, integer, nullable, objectOf, operation, query, ref, text, type Json } from "./openapi-parts";

const mean = nullable({ ...integer, description: "ms; null = none of them got so far" });

const figures: Record<string, Json> = {
  incidents: integer,
  open: integer,
  meanToShown: mean,
  meanToAcknowledged: mean,
  acknowledged: integer,
  meanToRecovered: mean,
};

export const reliabilityPaths: Record<string, Json> = {
  "/reliability": {
    get: operation(
      "How soon failures are shown and acknowledged, and how soon pipelines recover, over six weeks",
      [
        query("feed", "The feed of pipelines; the first that may be read unless told."),
        query("at", "An instant, a position, an ISO time, epoch ms or a relative time: as it was known then."),
      ],
      { 200: answer("Of the hours that were rolled up", ref("Reliability")) },
    ),
  },
};

export const reliabilitySchemas: Record<string, Json> = {
  ReliabilityFigures: objectOf(figures),
  Reliability: objectOf({
    feed: text,
    at: nullable(integer),
    from: integer,
    to: integer,
    overall: ref("ReliabilityFigures"),
    pipelines: {
      type: "array",
      items: objectOf({ pipelineName: text, ...figures, lastFailedAt: integer }),
    },
    weeks: { type: "array", items: objectOf({ from: integer, to: integer, ...figures }) },
    instant: nullable({ ...text, description: "The newest commit that is rolled up" }),
    readTo: nullable(integer),
    hasAcknowledgements: { type: "boolean" },
    keptIn: nullable(text),
  }),
};
