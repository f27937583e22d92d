/**
 * Name, places, palette, theme and help. Plain links: a page load here is faster than fetching every loader's data again. On a
 * phone the places are behind a button, which is a popover of the browser's own and needs no script.
 */
import { MenuIcon, ThemeIcon, WeirMark } from "./icons";
import { PaletteButton } from "./palette/palette-button";
import { MOST_FEEDS_SHOWN, type Place, type Places } from "./places";

/** @param here path and query of this page */
export const header = ({ main, feeds }: Places, here: string) => (
  <header class="top">
    <a class="skip" href="#main">
      Skip to content
    </a>
    <a class="brand" href="/" aria-label="Weir, on-call page">
      <WeirMark />
      Weir
    </a>
    <button class="icon plain pages-button" type="button" popovertarget="pages" aria-label="Pages" title="Pages">
      <MenuIcon />
    </button>
    <nav class="nav" id="pages" popover="auto" aria-label="Pages">
      {main.slice(0, -1).map(placeLink)}
      {feeds.length > MOST_FEEDS_SHOWN ? feedMenu(feeds) : feeds.map(placeLink)}
      {main.slice(-1).map(placeLink)}
    </nav>
    <div class="tools">
      <PaletteButton />
      <a href="/settings/preferences" data-key="g s">
        Settings
      </a>
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

const placeLink = ({ href, label, key, current }: Place) => (
  <a
    key={href}
    href={href}
    aria-current={current ? "page" : undefined}
    data-key={key === null ? undefined : `g ${key}`}
  >
    {label}
  </a>
);

const feedMenu = (feeds: readonly Place[]) => (
  <details class="travel feeds-menu" id="feeds-menu">
    <summary class={feeds.some(({ current }) => current) ? "current" : undefined}>Feeds</summary>
    <div class="panel">{feeds.map(placeLink)}</div>
  </details>
);

// The page's own script takes the form over (theme-switch.ts); without script it goes to the server and back.
const themeSwitch = (here: string) => (
  <form method="post" action="/theme" id="theme" preventdefault:submit>
    <input type="hidden" name="back" value={here} />
    <button class="icon plain" type="submit" aria-label="Switch between light and dark" title="Light or dark">
      <ThemeIcon />
    </button>
  </form>
);
