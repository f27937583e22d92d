/** The first admin makes their account with the link that the server printed. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { AccountPage } from "~/components/accounts/account-page";
import { newAccountFields } from "~/components/accounts/new-account";
import { formError, formOutcome } from "~/components/form/form-outcome";
import { field } from "~/components/ui/field";
import { nobodysContext } from "~/web/actor";
import { handleForm } from "~/web/pages/handled-form";
import { clientOf, setSessionCookie } from "~/web/session-cookie";

export const onPost: RequestHandler = (ev) =>
  handleForm(ev, async (form) => {
    const app = getApp();
    const ctx = nobodysContext(app, ev);
    const wasRight = await app.accounts.attempts.begin(ctx, { address: ctx.ip, account: null });
    const password = form.get("password") ?? "";
    const input = { name: form.get("name") ?? "", email: form.get("email") ?? "", password };
    const { email } = await app.welcome.accept(ctx, form.get("token") ?? "", input);
    await wasRight();
    const session = await app.accounts.signIn(ctx, { email, password }, clientOf(ev));
    setSessionCookie(ev, session.cookie, session.endsAt);
    return "/settings/people";
  });

export const useWelcome = routeLoader$((ev) => {
  ev.headers.set("Cache-Control", "no-store");
  const token = ev.query.get("token") ?? "";
  return { token, goes: getApp().welcome.isLink(token) };
});

export default component$(() => {
  const page = useWelcome().value;
  const outcome = formOutcome();
  return (
    <AccountPage title="Welcome to Weir">
      {page.goes ? (
        <form method="post" action={`/welcome?token=${page.token}`}>
          <p class="muted">You are making the first admin of this server. You invite the others.</p>
          {formError(outcome)}
          <input type="hidden" name="token" value={page.token} />
          {field({
            id: "email",
            label: "E-mail",
            type: "email",
            autoComplete: "username",
            value: outcome.values["email"],
            describedBy: outcome.error === null ? undefined : "form-error",
          })}
          {newAccountFields(outcome)}
          <button type="submit" class="primary">
            Make the first admin
          </button>
        </form>
      ) : (
        <p>
          This link was used, or the server was started again since: what it printed last has the link that works.{" "}
          <a href="/sign-in">Sign in</a>
        </p>
      )}
    </AccountPage>
  );
});

export const head: DocumentHead = { title: "Welcome" };
