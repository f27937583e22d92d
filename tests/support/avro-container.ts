/** Avro container files as publishers write them, with the schema that is the contract with them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import { packageRoot } from "~/config";
import type { PipelineEvent } from "./pipeline-event";

const schema = JSON.parse(readFileSync(join(packageRoot(), "avro", "PipelineEvent.avsc"), "utf8")) as avro.Schema;
const eventType = avro.Type.forSchema(schema);

/** An Avro object container file of these events. */
export async function encodeContainer(
  events: readonly PipelineEvent[],
  codec: "null" | "deflate" = "deflate",
): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(eventType, { codec, blockSize: 1024 * 1024 });
  const chunks: Buffer[] = [];
  encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => encoder.once("end", resolve).once("error", reject));
  for (const event of events) encoder.write(event);
  encoder.end();
  await ended;
  return Buffer.concat(chunks);
}
