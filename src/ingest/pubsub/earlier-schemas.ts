/**
 * The forms that a feed's schema had before fields were added at its end: Avro's single-object encoding names a schema only by
 * its fingerprint, and publishers are not all updated on one day.
 */
import type { Feed } from "../../model/feed";

interface RecordSchema {
  fields: readonly { default?: unknown }[];
}

/** Newest first. A field without default ends the search: no reader may come to lack it. */
export function earlierSchemas({ schema }: Feed): unknown[] {
  const { fields } = schema as RecordSchema;
  const earlier: unknown[] = [];
  for (let count = fields.length - 1; count > 0 && fields[count]!.default !== undefined; count--) {
    earlier.push({ ...(schema as object), fields: fields.slice(0, count) });
  }
  return earlier;
}
