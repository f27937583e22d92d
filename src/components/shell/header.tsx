/** Name, places, theme and help. Plain links: a page load here is faster than fetching every loader's data again. */
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
      <a href="/settings/preferences">Settings</a>
      {themeSwitch(here)}
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

// The page's own script takes the form over (keys.ts); without script it goes to the server and back.
const themeSwitch = (here: string) => (
  <form method="post" action="/theme" id="theme" preventdefault:submit>
    <input type="hidden" name="back" value={here} />
    <button class="icon plain" type="submit" aria-label="Switch between light and dark" title="Light or dark">
      <ThemeIcon />
    </button>
  </form>
);
