/** All saved views, and what their buttons do. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { hasRole } from "../../control/actor";
import { createSavedView } from "../../control/saved-view/create-saved-view";
import { deleteSavedView } from "../../control/saved-view/delete-saved-view";
import { listSavedViews } from "../../control/saved-view/list-saved-views";
import type { SavedView } from "../../control/saved-view/saved-view";
import { setDefaultView } from "../../control/saved-view/set-default-view";
import { starSavedView } from "../../control/saved-view/star-saved-view";
import { updateSavedView } from "../../control/saved-view/update-saved-view";
import { AppError } from "../../model/app-error";
import { actorOf, controlContext } from "../actor";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";

export interface ViewsPage {
  /** Null while the database is not there. */
  views: readonly (SavedView & { canChange: boolean })[] | null;
  mayShare: boolean;
  outcome: Outcome | null;
}

const PATH = "/settings/views";
const DONE = { changed: "The view is changed.", deleted: "The view is deleted." } as const;

export async function viewsPage(app: App, ev: RequestEventCommon): Promise<ViewsPage> {
  const actor = actorOf(ev);
  const views = await askForPage(app, ev, listSavedViews);
  const canChange = ({ owner, visibility }: SavedView) =>
    visibility !== "system" && (owner?.id === actor.id || actor.role === "admin");
  return {
    views: views && views.map((view) => ({ ...view, canChange: canChange(view) })),
    mayShare: hasRole(actor, "operator"),
    outcome: outcomeOf(ev, DONE),
  };
}

/** @throws a redirect */
export async function actOnView(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const ctx = controlContext(app, ev);
  const field = (name: string) => form.get(name) ?? "";
  if (form.get("do") === "save") return saveView(app, ev, form);
  await actByForm(ev, PATH, async () => {
    const id = field("id");
    switch (form.get("do")) {
      case "star":
      case "unstar":
        await starSavedView(ctx, id, { starred: form.get("do") === "star" });
        return "changed";
      case "default":
      case "no-default":
        await setDefaultView(ctx, id, { isDefault: form.get("do") === "default" });
        return "changed";
      case "rename":
        await updateSavedView(ctx, id, { name: field("name") });
        return "changed";
      case "share":
      case "unshare":
        await updateSavedView(ctx, id, { visibility: form.get("do") === "share" ? "shared" : "private" });
        return "changed";
      case "delete":
        await deleteSavedView(ctx, id);
        return "deleted";
      default:
        throw new AppError("bad-body", `There is nothing to do called ${JSON.stringify(field("do").slice(0, 40))}.`);
    }
  });
}

/** Leads back to the page that was saved; what refuses it is said on the page of all views. */
async function saveView(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  let href = PATH;
  await actByForm(ev, PATH, async () => {
    const view = await createSavedView(controlContext(app, ev), {
      name: form.get("name") ?? "",
      path: form.get("path") ?? "",
      search: form.get("search") ?? "",
      visibility: form.get("visibility") === "shared" ? "shared" : "private",
    });
    href = view.href;
    throw ev.redirect(303, href);
  });
}
