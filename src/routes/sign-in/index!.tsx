/**
 * The ways in: e-mail and password, the provider of single sign-on, and the secret of the server, which needs neither the
 * provider nor the database.
 */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestEvent, type RequestHandler } from "@builder.io/qwik-city";
import type { App } from "~/app";
import { getApp } from "~/app-instance";
import { AccountPage } from "~/components/accounts/account-page";
import { formError, formOutcome } from "~/components/form/form-outcome";
import { field } from "~/components/ui/field";
import { AppError } from "~/model/app-error";
import { isSecret, SECRET_SESSION_MS, secretSession } from "~/web/access";
import { nobodysContext } from "~/web/actor";
import { localPath } from "~/web/local-path";
import { handleForm } from "~/web/pages/handled-form";
import { writePreferencesOf } from "~/web/pages/preference-cookies";
import { clientOf, setSecretCookie, setSessionCookie } from "~/web/session-cookie";

export const onPost: RequestHandler = (ev) =>
  handleForm(ev, async (form) => {
    const app = getApp();
    const back = localPath(form.get("back"));
    if (form.has("secret")) await signInWithSecret(app, ev, form.get("secret")!);
    else await signInWithPassword(app, ev, form);
    return back;
  });

async function signInWithSecret(app: App, ev: RequestEvent, given: string): Promise<void> {
  const { secret } = app.config;
  const ctx = nobodysContext(app, ev);
  const wasRight = await app.accounts.attempts.begin(ctx, { address: ctx.ip, account: null });
  if (secret === null || !isSecret(given, secret))
    throw new AppError("unauthorized", "That is not the secret. It was set as WEIR_SECRET where the server runs.");
  await wasRight();
  const endsAt = app.clock.now() + SECRET_SESSION_MS;
  setSecretCookie(ev, secretSession(secret, endsAt), endsAt);
}

async function signInWithPassword(app: App, ev: RequestEvent, form: URLSearchParams): Promise<void> {
  const email = form.get("email") ?? "";
  const password = form.get("password") ?? "";
  if (email === "" || password === "")
    throw new AppError("bad-parameter", "Type your e-mail address and your password.", {
      parameter: email === "" ? "email" : "password",
    });
  const { cookie, endsAt } = await app.accounts.signIn(nobodysContext(app, ev), { email, password }, clientOf(ev));
  setSessionCookie(ev, cookie, endsAt);
  await writePreferencesOf(app, ev, cookie);
}

/** What the provider's way back may say; anything else is as if it had said nothing in particular. */
const PROVIDER_ERRORS: Readonly<Record<string, string>> = {
  provider: "The provider of single sign-on cannot be reached: try again, or sign in another way.",
  access_denied: "The provider did not let you in.",
  account_not_linked: "There is an account with your address that has not been linked: sign in with its password.",
  unable_to_create_session: "This account may not sign in.",
};

export const useSignIn = routeLoader$((ev) => {
  ev.headers.set("Cache-Control", "no-store");
  const { config, accounts } = getApp();
  const error = ev.query.get("error");
  return {
    back: localPath(ev.query.get("back")),
    needed: config.secret !== null,
    hasProvider: accounts.hasProvider,
    error: error === null ? null : (PROVIDER_ERRORS[error] ?? "Signing in at the provider did not succeed: try again."),
  };
});

export default component$(() => {
  const page = useSignIn().value;
  const outcome = formOutcome();
  if (!page.needed)
    return (
      <AccountPage title="Nobody signs in here">
        <p>
          This server is open to everybody at its machine. <a href="/">Go to the on-call page</a>
        </p>
      </AccountPage>
    );
  const back = outcome.values["back"] ?? page.back;
  return (
    <AccountPage title="Sign in to Weir">
      {formError({ ...outcome, error: outcome.error ?? page.error })}
      {page.hasProvider && (
        <a class="button primary" href={`/sign-in/oidc?back=${encodeURIComponent(back)}`}>
          Single sign-on
        </a>
      )}
      <form method="post" action="/sign-in" class={page.hasProvider ? "another-way" : undefined}>
        <input type="hidden" name="back" value={back} />
        {field({
          id: "email",
          label: "E-mail",
          type: "email",
          autoComplete: "username",
          value: outcome.values["email"],
          describedBy: outcome.error === null ? undefined : "form-error",
        })}
        {field({ id: "password", label: "Password", type: "password", autoComplete: "current-password" })}
        <button type="submit" class={page.hasProvider ? undefined : "primary"}>
          Sign in
        </button>
      </form>
      <form method="post" action="/sign-in" class="another-way">
        <input type="hidden" name="back" value={back} />
        {field({
          id: "secret",
          label: "Secret of this server",
          type: "password",
          autoComplete: "off",
          describedBy: "about-the-secret",
        })}
        <p id="about-the-secret" class="small muted">
          For admins, when no other way is open. It was set as WEIR_SECRET where the server runs.
        </p>
        <button type="submit">Use the secret</button>
      </form>
    </AccountPage>
  );
});

export const head: DocumentHead = { title: "Sign in" };
