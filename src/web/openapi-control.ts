/** The calls of the control plane. What they take is derived from the inputs of the verbs. */
import { createDashboardInput } from "../control/dashboard/create-dashboard";
import { duplicateDashboardInput } from "../control/dashboard/duplicate-dashboard";
import { importDashboardInput } from "../control/dashboard/import-dashboard";
import { shareDashboardInput } from "../control/dashboard/share-dashboard";
import { updateDashboardInput } from "../control/dashboard/update-dashboard";
import { layoutSchema } from "../model/dashboard";
import { createSavedViewInput } from "../control/saved-view/create-saved-view";
import { setDefaultViewInput } from "../control/saved-view/set-default-view";
import { starSavedViewInput } from "../control/saved-view/star-saved-view";
import { updateSavedViewInput } from "../control/saved-view/update-saved-view";
import { preferences } from "../control/preference/preference";
import { setPreferencesInput } from "../control/preference/set-preferences";
import { accountPaths, accountSchemas } from "./openapi-accounts";
import { schemaOf, takes } from "./openapi-inputs";
import { notePaths, noteSchemas } from "./openapi-notes";
import { answer, integer, nullable, objectOf, operation, ref, text, type Json } from "./openapi-parts";
import { reliabilityPaths, reliabilitySchemas } from "./openapi-reliability";
import { tokenPaths, tokenSchemas } from "./openapi-tokens";

const id: Json[] = [{ name: "id", in: "path", required: true, schema: text }];
const savedView = { 200: answer("The view", ref("SavedView")) };

const dashboard = { 200: answer("The dashboard", ref("Dashboard")) };
const newDashboard = { 201: answer("Made", ref("Dashboard")) };

export const controlPaths: Record<string, Json> = {
  ...accountPaths,
  ...notePaths,
  ...reliabilityPaths,
  ...tokenPaths,
  "/dashboards": {
    get: operation("One's own dashboards and shared ones", [], {
      200: answer("Dashboards", objectOf({ dashboards: { type: "array", items: ref("DashboardSummary") } })),
    }),
    post: operation("Make one", [], newDashboard, takes(createDashboardInput)),
  },
  "/dashboards/import": {
    post: operation("Make one of what an export gave", [], newDashboard, takes(importDashboardInput)),
  },
  "/dashboards/{id}": {
    get: operation("One dashboard", id, dashboard),
    patch: operation("Change what is named, if nobody else did since", id, dashboard, takes(updateDashboardInput)),
    delete: operation("Delete it", id, { 204: answer("Gone") }),
  },
  "/dashboards/{id}/duplicate": {
    post: operation("A copy of one's own", id, newDashboard, takes(duplicateDashboardInput)),
  },
  "/dashboards/{id}/share": {
    put: operation("Share it with the team, or no longer", id, dashboard, takes(shareDashboardInput)),
  },
  "/dashboards/{id}/panels": {
    get: operation(
      "The panels as the page shows them now",
      [...id, { name: "only", in: "query", schema: text }, { name: "arrange", in: "query", schema: text }],
      {
        200: answer(
          "Elements of the page, and where they stand",
          objectOf({
            follow: { type: "object" },
            panels: { type: "array", items: objectOf({ id: text, html: text }) },
          }),
        ),
      },
    ),
  },
  "/dashboards/{id}/export": {
    get: operation("As a file that import takes", id, { 200: answer("The file", ref("ExportedDashboard")) }),
  },
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

const person = objectOf({ id: text, name: text });
const dashboardMembers = {
  id: text,
  name: text,
  visibility: { type: "string", enum: ["private", "shared"] },
  owner: person,
  revision: integer,
  createdAt: integer,
  updatedAt: integer,
  updatedBy: person,
  canEdit: { type: "boolean" },
};

export const controlSchemas: Record<string, Json> = {
  ...accountSchemas,
  ...noteSchemas,
  ...reliabilitySchemas,
  ...tokenSchemas,
  Dashboard: objectOf({ ...dashboardMembers, layout: ref("DashboardLayout") }),
  DashboardSummary: objectOf({ ...dashboardMembers, panels: integer }),
  DashboardLayout: schemaOf(layoutSchema),
  ExportedDashboard: objectOf({
    weir: { type: "string", enum: ["dashboard"] },
    name: text,
    layout: ref("DashboardLayout"),
  }),
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
