/** The calls about people, their sessions and invitations. */
import { disableUserInput } from "../control/account/disable-user";
import { feedList } from "../control/account/person";
import { setFeedRightsInput } from "../control/account/set-feed-rights";
import { setRoleInput } from "../control/account/set-role";
import { ROLES } from "../control/actor";
import { schemaOf, takes } from "./openapi-inputs";
import { answer, integer, nullable, objectOf, operation, ref, text, type Json } from "./openapi-parts";

const id: Json[] = [{ name: "id", in: "path", required: true, schema: text }];
const user = { 200: answer("The user", ref("User")) };
const role: Json = { type: "string", enum: ROLES };
const feeds: Json = objectOf({ read: schemaOf(feedList), write: schemaOf(feedList) });
const listOf = (name: string, schema: string) => objectOf({ [name]: { type: "array", items: ref(schema) } });
const body = (properties: Record<string, Json>, required: string[]): Json => ({
  requestBody: {
    required: true,
    content: { "application/json": { schema: { type: "object", properties, required, additionalProperties: false } } },
  },
});

export const accountPaths: Record<string, Json> = {
  "/account": { get: operation("Who asks, and what they may", [], { 200: answer("The one", ref("Account")) }) },
  "/account/password": {
    put: operation(
      "Change one's own password; other sessions end",
      [],
      { 204: answer("Changed") },
      body({ current: text, password: text }, ["current", "password"]),
    ),
  },
  "/sessions": { get: operation("One's own sessions", [], { 200: answer("Sessions", listOf("sessions", "Session")) }) },
  "/sessions/{id}": { delete: operation("End a session: one's own, or as admin", id, { 204: answer("Ended") }) },
  "/users": {
    get: operation("Everybody with an account (admin)", [], { 200: answer("Users", listOf("users", "User")) }),
  },
  "/users/{id}/role": { put: operation("Change a role (admin)", id, user, takes(setRoleInput)) },
  "/users/{id}/feed-rights": {
    put: operation("Change which feeds somebody reads and writes (admin)", id, user, takes(setFeedRightsInput)),
  },
  "/users/{id}/disabled": {
    put: operation("End all sessions and let nobody in, or let in again (admin)", id, user, takes(disableUserInput)),
  },
  "/users/{id}/sessions": {
    get: operation("Sessions of somebody: oneself, or as admin", id, {
      200: answer("Sessions", listOf("sessions", "Session")),
    }),
  },
  "/invitations": {
    get: operation("Invitations that can be accepted (admin)", [], {
      200: answer("Invitations", listOf("invitations", "Invitation")),
    }),
    post: operation(
      "Invite somebody (admin)",
      [],
      {
        201: answer("With the path of the link, which is told this once", {
          allOf: [ref("Invitation"), objectOf({ path: text }, true)],
        }),
      },
      body({ email: text, role, read: schemaOf(feedList), write: schemaOf(feedList) }, ["email"]),
    ),
  },
  "/invitations/{id}": { delete: operation("Make an invitation void (admin)", id, { 204: answer("Void") }) },
};

export const accountSchemas: Record<string, Json> = {
  Account: objectOf({
    kind: { type: "string", enum: ["localUser", "user", "token", "system"] },
    id: text,
    name: text,
    role,
    feeds,
  }),
  User: objectOf({
    id: text,
    email: text,
    name: text,
    role,
    feeds,
    isDisabled: { type: "boolean" },
    ways: { type: "array", items: { type: "string", enum: ["password", "oidc", "proxy"] } },
    sessions: integer,
    createdAt: integer,
  }),
  Session: objectOf({
    id: text,
    userId: text,
    createdAt: integer,
    expiresAt: integer,
    ip: nullable(text),
    userAgent: nullable(text),
    isCurrent: { type: "boolean" },
  }),
  Invitation: objectOf(
    {
      id: text,
      email: text,
      role,
      feeds,
      invitedBy: objectOf({ id: text, name: text }),
      createdAt: integer,
      expiresAt: integer,
    },
    true,
  ),
};
