/** Name, places, theme and help. Plain links: a page load here is faster than fetching every loader's data again. */
import { component$ } from "@builder.io/qwik";
import { THEME_COOKIE } from "./theme";
import { ThemeIcon, WeirMark } from "./icons";

export interface Place {
  href: string;
  label: string;
  current: boolean;
}

export const header = (places: readonly Place[], here: string) => (
  <header class="top">
    <a class="skip" href="#main">
      Skip to content
    </a>
    <a class="brand" href="/" aria-label="Weir, on-call page">
      <WeirMark />
      Weir
    </a>
    <nav class="nav" aria-label="Pages">
      {places.map(({ href, label, current }) => (
        <a key={href} href={href} aria-current={current ? "page" : undefined}>
          {label}
        </a>
      ))}
    </nav>
    <div class="tools">
      <ThemeSwitch here={here} />
      <button
        class="icon plain"
        type="button"
        popovertarget="help"
        aria-label="Keyboard help"
        title="Keyboard help (?)"
      >
        <b aria-hidden="true">?</b>
      </button>
    </div>
  </header>
);

const ThemeSwitch = component$<{ here: string }>(({ here }) => (
  <form method="post" action="/theme" preventdefault:submit onSubmit$={() => switchTheme()}>
    <input type="hidden" name="back" value={here} />
    <button class="icon plain" type="submit" aria-label="Switch between light and dark" title="Light or dark">
      <ThemeIcon />
    </button>
  </form>
));

/** With script the theme changes in place; the server reads the cookie on the next page. */
export function switchTheme(): void {
  const root = document.documentElement;
  const shown = root.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = shown === "dark" ? "light" : "dark";
  root.dataset["theme"] = next;
  document.cookie = `${THEME_COOKIE}=${next}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
