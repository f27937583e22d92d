/** Opens the palette. Until its code has come, and without script, it is a link to the page that finds the same. */
import { component$ } from "@builder.io/qwik";
import { SearchIcon } from "../icons";

export const PaletteButton = component$(() => (
  <a
    class="palette-button"
    href="/search"
    preventdefault:click
    aria-keyshortcuts="Control+K Meta+K"
    title="Go to anything (Ctrl K)"
    onClick$={async () => (await import("./palette")).togglePalette()}
  >
    <SearchIcon />
    <span>Go to…</span>
    <kbd aria-hidden="true">Ctrl K</kbd>
  </a>
));
