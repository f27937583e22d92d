/** The menu of saved views of a page. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { hasRole } from "../../control/actor";
import { defaultViewOf } from "../../control/saved-view/default-view-of";
import { listSavedViews } from "../../control/saved-view/list-saved-views";
import type { SavedView } from "../../control/saved-view/saved-view";
import { withParams } from "../../components/shell/page-url";
import { actorOf } from "../actor";
import { askForPage } from "./page-control";
import { hereOf } from "./page-time";

export type MenuView = Pick<SavedView, "id" | "name" | "href" | "visibility" | "starred" | "isDefault">;

export interface ViewsMenu {
  /** Those that begin at this page, starred ones first; null while the database is not there. */
  views: readonly MenuView[] | null;
  path: string;
  search: string;
  here: string;
  mayShare: boolean;
}

/** @param path only views of this page; null = of all */
export async function viewsMenu(app: App, ev: RequestEventCommon, path: string | null): Promise<ViewsMenu> {
  const views = await askForPage(app, ev, listSavedViews);
  const here = hereOf(ev);
  const at = ev.query.get("at");
  return {
    views:
      views &&
      views
        .filter((view) => path === null || view.path === path)
        .sort((a, b) => Number(b.starred) - Number(a.starred))
        .map(({ id, name, href, visibility, starred, isDefault }) => ({
          id,
          name,
          href: inTime(href, at),
          visibility,
          starred,
          isDefault,
        })),
    path: ev.url.pathname,
    search: here.slice(ev.url.pathname.length + 1),
    here,
    mayShare: hasRole(actorOf(ev), "operator"),
  };
}

/** A view opened on a page of the past is of that past, unless it was saved with a time of its own. */
const inTime = (href: string, at: string | null): string =>
  at === null || /[?&]at=/.test(href) ? href : withParams(href, { at });

/**
 * Whoever comes to a page without a query from elsewhere gets the view that they chose for it. Within the page the plain
 * address is everything: taking the last filter away must not bring the view back.
 *
 * @throws a redirect
 */
export async function openDefaultView(app: App, ev: RequestEventCommon): Promise<void> {
  if (ev.method !== "GET" || ev.url.search !== "" || isFromHere(ev)) return;
  const chosen = await askForPage(app, ev, (ctx) => defaultViewOf(ctx, ev.url.pathname));
  if (chosen && chosen.search !== "") throw ev.redirect(302, chosen.href);
}

function isFromHere(ev: RequestEventCommon): boolean {
  const referer = ev.request.headers.get("referer") ?? "";
  return URL.canParse(referer) && new URL(referer).pathname === ev.url.pathname;
}
