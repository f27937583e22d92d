/** Light or dark, in place; the server reads the cookie when it renders the next page. */
import { THEME_COOKIE } from "./theme";

/** A submit anywhere on the page; only the theme's own form is ours. */
export function handleSubmit(event: Event): void {
  if ((event.target as Element).id === "theme") switchTheme();
}

export function switchTheme(): void {
  const root = document.documentElement;
  const shown = root.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = shown === "dark" ? "light" : "dark";
  root.dataset["theme"] = next;
  document.cookie = `${THEME_COOKIE}=${next}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
