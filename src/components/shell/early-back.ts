/** What a browser does not bring back by itself when a reader comes Back: what was open, and boxes that scroll by themselves. */

/** Set by what takes over what is open beside a list (`drawer/open-drawer.ts`). */
export interface MovingWindow {
  weirMoves?: boolean;
}

/** Keeps it in the state of the address, and restores it. Travels as text: it must use nothing from outside itself. */
export function bringBack(drawer: string, drawerId: string): void {
  const KEPT = "weirOpen";
  const SCROLLED = "weirScrolled";
  const keep = (name: string, what: unknown) =>
    history.replaceState({ ...((history.state ?? {}) as object), [name]: what }, "");
  const all = () => [...document.querySelectorAll<HTMLDetailsElement>("details[id]")];
  const state = (history.state ?? {}) as Record<string, unknown>;
  const kept = state[KEPT];
  if (Array.isArray(kept)) for (const one of all()) one.open = kept.includes(one.id);
  document.addEventListener(
    "toggle",
    (event) => {
      if (!(event.target instanceof HTMLDetailsElement) || event.target.id === "") return;
      const open = all().filter((one) => one.open);
      keep(
        KEPT,
        open.map(({ id }) => id),
      );
    },
    true,
  );
  // Browsers bring the page back to where it was, and not the boxes that scroll by themselves.
  const boxes = () => [...document.querySelectorAll<HTMLElement>("[data-scroll][id]")];
  const places = (state[SCROLLED] ?? {}) as Record<string, readonly [number, number] | undefined>;
  for (const box of boxes()) {
    const place = places[box.id];
    if (place) box.scrollTo(...place);
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (!(target instanceof HTMLElement) || !("scroll" in target.dataset)) return;
      clearTimeout(timer);
      const where = () => Object.fromEntries(boxes().map((box) => [box.id, [box.scrollLeft, box.scrollTop]]));
      timer = setTimeout(() => keep(SCROLLED, where()), 100);
    },
    true,
  );
  // Between addresses of one list browsers load nothing: until the drawer's own code is there the server writes what is open.
  window.addEventListener("popstate", () => {
    const isOpen = new URLSearchParams(location.search).has(drawer);
    const isShown = document.getElementById(drawerId) !== null;
    if (isOpen !== isShown && (window as MovingWindow).weirMoves !== true) location.reload();
  });
}
