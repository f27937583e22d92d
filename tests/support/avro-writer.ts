/** Container files of any schema, as a publisher's library writes them: by avsc's own streams, with none of our code. */
import avro from "avsc";

export interface WriterOptions {
  codec?: "null" | "deflate";
  /** Bytes of a block before compression. */
  blockSize?: number;
}

export async function writeContainer(
  schema: unknown,
  events: readonly unknown[],
  { codec = "null", blockSize = 64 * 1024 }: WriterOptions = {},
): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(schema as avro.Schema, { codec, blockSize, writeHeader: "always" });
  const chunks: Buffer[] = [];
  encoder.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => encoder.once("end", resolve).once("error", reject));
  for (const event of events) encoder.write(event);
  encoder.end();
  await ended;
  return Buffer.concat(chunks);
}

/** A container file whose one block has these bytes, whatever they are. */
export function rawContainer(schema: unknown, count: number, data: Buffer, codec = "null"): Buffer {
  const sync = Buffer.alloc(16, 7);
  const long = (value: number) => avro.Type.forSchema("long").toBuffer(value);
  const meta = avro.Type.forSchema({ type: "map", values: "bytes" }).toBuffer({
    "avro.codec": Buffer.from(codec),
    ...(schema !== undefined && { "avro.schema": Buffer.from(JSON.stringify(schema)) }),
  });
  return Buffer.concat([Buffer.from("Obj\x01", "latin1"), meta, sync, long(count), long(data.length), data, sync]);
}
