/** How a verb's input becomes the description of a call's body. */
import { z } from "zod";
import type { Json } from "./openapi-parts";

/** What a verb takes, as the body of its call. */
export const takes = (input: z.ZodType): Json => ({
  requestBody: { required: true, content: { "application/json": { schema: schemaOf(input) } } },
});

export function schemaOf(input: z.ZodType): Json {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, { io: "input" });
  return schema;
}
