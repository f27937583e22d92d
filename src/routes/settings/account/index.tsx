/** One's own account. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData, pickPageData } from "~/components/page-data";
import { accountView } from "~/components/settings/account-view";
import { revokeSession } from "~/control/account/revoke-session";
import { AppError } from "~/model/app-error";
import { controlContext, pageControlContext } from "~/web/actor";
import { changePassword } from "~/web/change-password";
import { accountPage, type AccountPage } from "~/web/pages/account-page";
import { handleForm } from "~/web/pages/handled-form";

export const onPost: RequestHandler = (ev) =>
  handleForm(ev, async (form) => {
    const ctx = controlContext(getApp(), ev);
    switch (form.get("do")) {
      case "change-password":
        await changePassword(getApp(), ctx, { current: form.get("current"), password: form.get("password") });
        return { shown: "The password is changed. Everywhere else you are signed out." };
      case "end-session":
        await revokeSession(ctx, form.get("id"));
        return { shown: "The session is ended." };
      default:
        throw new AppError("bad-parameter", "do: must be change-password or end-session.", { parameter: "do" });
    }
  });

export const useAccountPage = routeLoader$(async (ev) => {
  leavePageData(ev, "account", await accountPage(pageControlContext(getApp(), ev)));
  return null;
});

export default component$(() => accountView(pickPageData<AccountPage>("account")!));

export const head: DocumentHead = { title: "Account" };
