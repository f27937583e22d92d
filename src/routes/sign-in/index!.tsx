/** One field: the secret of this server. Sets the cookie that stands for it; only there when a secret is set. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { isSecret, SECRET_SESSION_MS, secretSession } from "~/web/access";
import { readForm } from "~/web/form";
import { localPath } from "~/web/local-path";
import { setSecretCookie } from "~/web/session-cookie";

export const onPost: RequestHandler = async (ev) => {
  const { secret } = getApp().config;
  const form = await readForm(ev);
  const back = localPath(form.get("back"));
  if (secret === null || !isSecret(form.get("secret") ?? "", secret)) {
    throw ev.redirect(303, `/sign-in?wrong=1&back=${encodeURIComponent(back)}`);
  }
  const endsAt = getApp().clock.now() + SECRET_SESSION_MS;
  setSecretCookie(ev, secretSession(secret, endsAt), endsAt);
  throw ev.redirect(303, back);
};

export const useSignIn = routeLoader$((ev) => ({
  back: localPath(ev.query.get("back")),
  wrong: ev.query.has("wrong"),
  needed: getApp().config.secret !== null,
}));

export default component$(() => {
  const page = useSignIn();
  return (
    <main id="main" class="sign-in">
      <h1>Weir</h1>
      {page.value.needed ? (
        <form method="post" action="/sign-in">
          <input type="hidden" name="back" value={page.value.back} />
          <label for="secret">Secret of this server</label>
          <input
            id="secret"
            name="secret"
            type="password"
            autoComplete="current-password"
            required
            aria-invalid={page.value.wrong}
            aria-describedby={page.value.wrong ? "wrong" : undefined}
          />
          {page.value.wrong && (
            <p id="wrong" class="form-error" role="alert">
              That is not the secret. It was set as WEIR_SECRET where the server runs.
            </p>
          )}
          <button type="submit">Sign in</button>
        </form>
      ) : (
        <p>
          This server asks nobody to sign in. <a href="/">Go to the events</a>
        </p>
      )}
    </main>
  );
});

export const head: DocumentHead = { title: "Sign in" };
