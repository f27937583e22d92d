/** Somebody who was invited makes their account. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { AccountPage } from "~/components/accounts/account-page";
import { newAccountFields } from "~/components/accounts/new-account";
import { formError, formOutcome } from "~/components/form/form-outcome";
import { acceptInvitation, findInvitation } from "~/control/account/accept-invitation";
import { AppError } from "~/model/app-error";
import { nobodysContext } from "~/web/actor";
import { handleForm } from "~/web/pages/handled-form";
import { clientOf, setSessionCookie } from "~/web/session-cookie";

export const onPost: RequestHandler = (ev) =>
  handleForm(ev, async (form) => {
    const app = getApp();
    const ctx = nobodysContext(app, ev);
    const wasRight = await app.accounts.attempts.begin(ctx, { address: ctx.ip, account: null });
    const password = form.get("password") ?? "";
    const input = { name: form.get("name") ?? "", password };
    const { email } = await acceptInvitation(ctx, ev.params["token"] ?? "", input);
    await wasRight();
    if (app.config.secret === null) return "/"; // nobody signs in here
    const session = await app.accounts.signIn(ctx, { email, password }, clientOf(ev));
    setSessionCookie(ev, session.cookie, session.endsAt);
    return "/";
  });

export const useInvitation = routeLoader$(async (ev) => {
  ev.headers.set("Cache-Control", "no-store");
  const token = ev.params["token"] ?? "";
  try {
    const { email, role, invitedBy } = await findInvitation(nobodysContext(getApp(), ev), token);
    return { path: `/invitations/${encodeURIComponent(token)}`, email, role, by: invitedBy.name, problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "control-unavailable") ev.status(503);
    else ev.status(404);
    return { path: "", email: "", role: "", by: "", problem: error.message };
  }
});

export default component$(() => {
  const page = useInvitation().value;
  const outcome = formOutcome();
  return (
    <AccountPage title="Invitation to Weir">
      {page.problem === null ? (
        <form method="post" action={page.path}>
          <p>
            {page.by} invites you as {page.role}. You will sign in as <strong>{page.email}</strong>.
          </p>
          {formError(outcome)}
          <input type="hidden" name="email" autoComplete="username" value={page.email} />
          {newAccountFields(outcome)}
          <button type="submit" class="primary">
            Make my account
          </button>
        </form>
      ) : (
        <p>
          {page.problem} <a href="/sign-in">Sign in</a>
        </p>
      )}
    </AccountPage>
  );
});

export const head: DocumentHead = { title: "Invitation" };
