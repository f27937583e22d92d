/** The calls about tokens of machines and about the audit log. */
import { createTokenInput } from "../control/token/create-token";
import { updateTokenInput } from "../control/token/update-token";
import { takes } from "./openapi-inputs";
import { answer, integer, nullable, objectOf, operation, query, ref, text, type Json } from "./openapi-parts";

const id: Json[] = [{ name: "id", in: "path", required: true, schema: text }];
const token = { 200: answer("The token, without its secret", ref("Token")) };

export const tokenPaths: Record<string, Json> = {
  "/audit": {
    get: operation(
      "Who did what, newest first; NDJSON and CSV are all that is asked for, in pieces; for admins",
      [
        query("who", "Part of a name, or an id."),
        query("action", "Such as saved-view.create, or saved-view."),
        query("entity", "Kind of thing."),
        query("entityId", "Of the thing."),
        query("q", "Part of anything that the row says."),
        query("from", "Earliest, epoch ms.", integer),
        query("to", "Before this, epoch ms.", integer),
        query("limit", "Rows at most.", { type: "integer", minimum: 1, maximum: 500, default: 100 }),
        query("after", "The `next` of the page before."),
        query("format", "Instead of Accept.", { type: "string", enum: ["json", "ndjson", "csv"] }),
      ],
      {
        200: answer(
          "Entries",
          objectOf({ entries: { type: "array", items: ref("AuditEntry") }, next: nullable(text) }),
        ),
      },
    ),
  },
  "/tokens": {
    get: operation("Tokens of machines, also those that ended; for admins", [], {
      200: answer("Tokens", objectOf({ tokens: { type: "array", items: ref("Token") } })),
    }),
    post: operation(
      "Make one; only this answer has its secret",
      [],
      { 201: answer("Made", { allOf: [ref("Token"), objectOf({ token: text })] }) },
      takes(createTokenInput),
    ),
  },
  "/tokens/{id}": {
    get: operation("One token", id, token),
    patch: operation("Change what is named", id, token, takes(updateTokenInput)),
    delete: operation("Revoke it", id, { 204: answer("It is good for nothing any more") }),
  },
};

const feeds: Json = { anyOf: [{ const: "all" }, { type: "array", items: text }] };

export const tokenSchemas: Record<string, Json> = {
  AuditEntry: objectOf({
    id: text,
    at: integer,
    actor: objectOf({ kind: text, id: text, name: text }),
    action: text,
    entity: text,
    entityId: text,
    ip: nullable(text),
    requestId: nullable(text),
    before: nullable({ type: "object" }),
    after: nullable({ type: "object" }),
  }),
  Token: objectOf({
    id: text,
    name: text,
    state: { type: "string", enum: ["active", "expired", "revoked"] },
    read: feeds,
    write: feeds,
    admin: { type: "boolean" },
    requestsPerSecond: nullable(integer),
    eventsPerSecond: nullable(integer),
    eventsPerDay: nullable(integer),
    createdBy: objectOf({ id: text, name: text }),
    createdAt: integer,
    expiresAt: nullable(integer),
    revokedAt: nullable(integer),
    lastUsedAt: nullable(integer),
    today: objectOf({ requests: integer, events: integer }),
  }),
};
