/** The small pieces that descriptions of calls are made of. */

export type Json = Record<string, unknown>;

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const nullable = (schema: Json): Json => ({ anyOf: [schema, { type: "null" }] });
export const integer: Json = { type: "integer" };
export const text: Json = { type: "string" };
export const objectOf = (properties: Record<string, Json>, open = false): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  ...(open ? { additionalProperties: true } : {}),
});

export const query = (name: string, description: string, schema: Json = text): Json => ({
  name,
  in: "query",
  description,
  schema,
});

export const answer = (description: string, schema?: Json, type = "application/json"): Json => ({
  description,
  ...(schema ? { content: { [type]: { schema } } } : {}),
});

export const operation = (summary: string, params: Json[], responses: Record<string, Json>, more: Json = {}): Json => ({
  summary,
  parameters: params,
  responses: { ...responses, default: { $ref: "#/components/responses/problem" } },
  ...more,
});
