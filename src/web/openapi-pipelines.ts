/** The calls about pipelines and batches: what their pages show, as facts of one commit. */
import { HEALTH_STATES } from "../model/pipeline-health";
import { answer, integer, nullable, objectOf, operation, query, ref, text, type Json } from "./openapi-parts";

const at: Json = { $ref: "#/components/parameters/at" };
const feed = query("feed", "Of several feeds with pipelines: this one. The first that knows it unless told.");
const listOf = (items: Json): Json => ({ type: "array", items });
const named = (name: string): Json => ({ name, in: "path", required: true, schema: text });

export const pipelinePaths: Record<string, Json> = {
  "/pipelines/{name}": {
    get: operation(
      "A pipeline: its last batches stage by stage, their quality, what feeds it and what it feeds",
      [
        named("name"),
        at,
        feed,
        query("name", "The name where no path can carry it (`.`, `..`); the segment is then `~`."),
      ],
      { 200: answer("Pipeline", ref("Pipeline")) },
    ),
  },
  "/batches/{correlationId}": {
    get: operation(
      "A batch: its attempts, stages and quality, and its way through pipelines",
      [named("correlationId"), at, feed, query("id", "The id where no path can carry it; the segment is then `~`.")],
      { 200: answer("Batch", ref("Batch")) },
    ),
  },
};

const status: Json = { type: "string", enum: ["STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"] };
const runState: Json = { type: "string", enum: ["running", "retrying", "failed", "completed"] };
const count: Json = { type: ["integer", "string", "null"], description: "Beyond 2^53-1 a decimal string." };
const share: Json = { type: "number", minimum: 0, maximum: 1 };
const basis: Json = { type: "string", enum: ["score", "counts"] };
const step = { from: text, to: text };
const quality = nullable(objectOf({ value: share, basis, pipelineName: text, stageName: text }));
const span = { startedAt: integer, endedAt: nullable(integer) };
const counts = { rowsIn: count, rowsOut: count };

export const pipelineSchemas: Record<string, Json> = {
  Pipeline: objectOf(
    {
      pipelineName: text,
      feed: text,
      position: ref("Position"),
      instant: nullable(ref("Instant")),
      summary: {
        type: "object",
        description: `The row of the view pipelines: facts, from which a client tells at its time whether it is ${HEALTH_STATES.join(", ")}.`,
      },
      stages: listOf(text),
      stagesLeftOut: integer,
      batches: listOf(
        objectOf({
          correlationId: text,
          state: runState,
          ...span,
          ...counts,
          quality,
          cells: listOf(
            nullable(
              objectOf({
                status,
                attempts: integer,
                startedAt: integer,
                durationMs: nullable(integer),
                ...counts,
                error: nullable(text),
              }),
            ),
          ),
        }),
      ),
      batchesInAll: integer,
      problems: listOf({ type: "object" }),
      lineage: objectOf({
        nodes: listOf(objectOf({ pipelineName: text, layer: integer, state: nullable(text) })),
        links: listOf(objectOf({ ...step, batches: integer, lastAt: integer, lastBatch: text })),
        isCut: { type: "boolean" },
        tooWide: integer,
      }),
    },
    true,
  ),
  Batch: objectOf(
    {
      correlationId: text,
      feed: text,
      position: ref("Position"),
      instant: nullable(ref("Instant")),
      batch: { type: "object", description: "The row of the view batches." },
      quality,
      stages: listOf(
        objectOf(
          {
            pipelineName: text,
            stageName: text,
            status,
            attempts: integer,
            failed: integer,
            ...span,
            durationMs: nullable(integer),
            ...counts,
            dropped: nullable(share),
            quality: nullable(objectOf({ value: share, basis })),
            error: nullable(text),
          },
          true,
        ),
      ),
      attempts: listOf(
        objectOf(
          { pipelineName: text, stageName: text, attempt: integer, status, ...span, ...counts, eventId: text },
          true,
        ),
      ),
      attemptsInAll: integer,
      pipelines: listOf(objectOf({ pipelineName: text, state: runState, ...span, rowsOut: count }, true)),
      path: listOf(objectOf(step)),
      neighbours: listOf(objectOf({ pipelineName: text, previous: nullable(text), next: nullable(text) })),
      events: integer,
      isTruncated: { type: "boolean" },
    },
    true,
  ),
};
