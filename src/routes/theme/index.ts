/** Light or dark for browsers without script: the form in the header comes here and goes back to where it was. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { readForm } from "~/web/form";
import { localPath } from "~/web/local-path";
import { THEME_COOKIE, themeOfCookies } from "~/components/shell/theme";

export const onPost: RequestHandler = async (ev) => {
  const form = await readForm(ev);
  const next = themeOfCookies(ev.request.headers.get("cookie") ?? undefined) === "dark" ? "light" : "dark";
  ev.cookie.set(THEME_COOKIE, next, { path: "/", maxAge: [365, "days"], sameSite: "lax" });
  throw ev.redirect(303, localPath(form.get("back")));
};
