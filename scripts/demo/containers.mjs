/** Avro container files of pipeline events, with the schema that is the contract with publishers. */
import { readFileSync } from "node:fs";
import avro from "avsc";
import { inRoot } from "../paths.mjs";

const eventType = avro.Type.forSchema(JSON.parse(readFileSync(inRoot("avro", "PipelineEvent.avsc"), "utf8")));

/**
 * @param {readonly object[]} events values of all required fields; optional ones may be missing
 * @returns {Promise<Buffer>} an Avro object container file
 */
export async function encodeContainer(events) {
  const encoder = new avro.streams.BlockEncoder(eventType, { codec: "deflate", blockSize: 256 * 1024 });
  for (const event of events) encoder.write(event);
  encoder.end();
  const chunks = [];
  for await (const chunk of encoder) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param {string} file path of a container file @returns {Promise<object[]>} its events */
export async function readContainer(file) {
  const events = [];
  for await (const event of avro.createFileDecoder(file)) events.push(event);
  return events;
}
