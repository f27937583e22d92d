/** The feed of `avro/PipelineHour.avsc`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Feed } from "~/model/feed";
import { feedFromSchema } from "~/model/feed-from-schema";
import { hourRows } from "~/model/hours/pipeline-hour";

const schema: unknown = JSON.parse(readFileSync(new URL("../../avro/PipelineHour.avsc", import.meta.url), "utf8"));

export const hourFeed: Feed = feedFromSchema(schema, (text) =>
  createHash("sha256").update(text).digest("hex").slice(0, 8),
);

export const hoursAsRows = hourRows(hourFeed)!;
