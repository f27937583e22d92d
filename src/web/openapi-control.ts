/** The calls of the control plane. What they take is derived from the inputs of the verbs. */
import { z } from "zod";
import { createSavedViewInput } from "../control/saved-view/create-saved-view";
import { setDefaultViewInput } from "../control/saved-view/set-default-view";
import { starSavedViewInput } from "../control/saved-view/star-saved-view";
import { updateSavedViewInput } from "../control/saved-view/update-saved-view";
import { preferences } from "../control/preference/preference";
import { setPreferencesInput } from "../control/preference/set-preferences";
import { answer, integer, nullable, objectOf, operation, ref, text, type Json } from "./openapi-parts";

/** What a verb takes, as the body of its call. */
const takes = (input: z.ZodType): Json => ({
  requestBody: { required: true, content: { "application/json": { schema: schemaOf(input) } } },
});

function schemaOf(input: z.ZodType): Json {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(input, { io: "input" });
  return schema;
}

const id: Json[] = [{ name: "id", in: "path", required: true, schema: text }];
const savedView = { 200: answer("The view", ref("SavedView")) };

export const controlPaths: Record<string, Json> = {
  "/preferences": {
    get: operation("How the one who asks likes the pages", [], { 200: answer("All of them", ref("Preferences")) }),
    patch: operation(
      "Change those that are named",
      [],
      { 200: answer("All of them", ref("Preferences")) },
      takes(setPreferencesInput),
    ),
  },
  "/saved-views": {
    get: operation("Views of the program, one's own and shared ones", [], {
      200: answer("Saved views", objectOf({ savedViews: { type: "array", items: ref("SavedView") } })),
    }),
    post: operation(
      "Keep the state of a page",
      [],
      { 201: answer("Kept", ref("SavedView")) },
      takes(createSavedViewInput),
    ),
  },
  "/saved-views/{id}": {
    get: operation("One view", id, savedView),
    patch: operation("Change what is named", id, savedView, takes(updateSavedViewInput)),
    delete: operation("Delete it", id, { 204: answer("Gone") }),
  },
  "/saved-views/{id}/star": { put: operation("Star it or not", id, savedView, takes(starSavedViewInput)) },
  "/saved-views/{id}/default": {
    put: operation("Open it at its page, or no longer", id, savedView, takes(setDefaultViewInput)),
  },
};

export const controlSchemas: Record<string, Json> = {
  Preferences: schemaOf(preferences),
  SavedView: objectOf({
    id: text,
    name: text,
    path: text,
    search: text,
    href: text,
    visibility: { type: "string", enum: ["private", "shared", "system"] },
    owner: nullable(objectOf({ id: text, name: text })),
    starred: { type: "boolean" },
    isDefault: { type: "boolean" },
    createdAt: nullable(integer),
    updatedAt: nullable(integer),
  }),
};
