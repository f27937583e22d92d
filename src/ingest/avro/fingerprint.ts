/** CRC-64-AVRO of a schema's parsing canonical form: how Avro's single-object encoding names the writer's schema. */
import avro from "avsc";
import { AppError } from "../../model/app-error";

/** Polynomial and fingerprint of the empty text (Avro specification, "Schema Fingerprints"). */
const EMPTY = 0xc15d213aa4d7a795n;

const TABLE = Array.from({ length: 256 }, (_, i) => {
  let value = BigInt(i);
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n));
  return BigInt.asUintN(64, value);
});

export function schemaFingerprint(schema: unknown): bigint {
  let value = EMPTY;
  for (const byte of Buffer.from(canonicalForm(schema))) {
    value = (value >> 8n) ^ TABLE[Number((value ^ BigInt(byte)) & 0xffn)]!;
  }
  return value;
}

/** avsc's own rendering is the canonical form. */
function canonicalForm(schema: unknown): string {
  try {
    return JSON.stringify(avro.Type.forSchema(schema as avro.Schema, { registry: {} }).schema());
  } catch (error) {
    throw new AppError(
      "bad-parameter",
      `The Avro schema cannot be used: ${(error as Error).message}.`,
      {},
      { cause: error },
    );
  }
}
