/** Everybody who may sign in; for admins. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData, pickPageData } from "~/components/page-data";
import { peopleView } from "~/components/settings/people-view";
import { disableUser } from "~/control/account/disable-user";
import { inviteUser } from "~/control/account/invite-user";
import { revokeInvitation } from "~/control/account/revoke-invitation";
import { revokeSession } from "~/control/account/revoke-session";
import { setFeedRights } from "~/control/account/set-feed-rights";
import { setRole } from "~/control/account/set-role";
import { requireRole } from "~/control/actor";
import type { ControlContext } from "~/control/context";
import { AppError } from "~/model/app-error";
import { controlContext, pageControlContext } from "~/web/actor";
import { handleForm } from "~/web/pages/handled-form";
import { peoplePage, type PeoplePage } from "~/web/pages/people-page";

export const onPost: RequestHandler = (ev) =>
  handleForm(ev, async (form) => {
    const ctx = controlContext(getApp(), ev);
    requireRole(ctx, "admin");
    if (form.get("do") !== "invite") return { shown: await change(ctx, form) };
    const feeds = { read: feedsOf(form, "read"), write: feedsOf(form, "write") };
    const { email, path } = await inviteUser(ctx, { email: form.get("email"), role: form.get("role"), ...feeds });
    return { shown: { email, link: ev.url.origin + path } };
  });

/** @returns what was done */
async function change(ctx: ControlContext, form: URLSearchParams): Promise<string> {
  const id = form.get("id");
  switch (form.get("do")) {
    case "set-role": {
      const { name, role } = await setRole(ctx, id, { role: form.get("role") });
      return `${name} is ${role} now.`;
    }
    case "set-feed-rights": {
      const { name } = await setFeedRights(ctx, id, { read: feedsOf(form, "read"), write: feedsOf(form, "write") });
      return `The feeds of ${name} are set.`;
    }
    case "disable":
      return `${(await disableUser(ctx, id, { disabled: true })).name} may not sign in any more.`;
    case "enable":
      return `${(await disableUser(ctx, id, { disabled: false })).name} may sign in again.`;
    case "end-session":
      await revokeSession(ctx, id);
      return "The session is ended.";
    case "revoke-invitation":
      await revokeInvitation(ctx, id);
      return "The invitation is withdrawn.";
    default:
      throw new AppError("bad-parameter", "do: must be what a button of this page says.", { parameter: "do" });
  }
}

function feedsOf(form: URLSearchParams, right: "read" | "write"): "all" | string[] {
  const chosen = form.getAll(right);
  return chosen.includes("*") ? "all" : chosen;
}

export const usePeoplePage = routeLoader$(async (ev) => {
  const app = getApp();
  const page = await peoplePage(pageControlContext(app, ev), app.config.secret === null, ev.query.get("user"));
  leavePageData(ev, "people", page);
  return null;
});

export default component$(() => peopleView(pickPageData<PeoplePage>("people")!));

export const head: DocumentHead = { title: "People" };
