/**
 * Parts of a page that are written anew by the server: the page asks for itself and takes over what differs. For pages whose
 * content is a fold over many rows, which a browser that does not hold the rows cannot keep. At most one question at a time
 * and never more often than the server is quick: the slower it answers, the longer the page waits.
 *
 * A part is an element with `data-part`; its content is plain markup that no component owns. Of a part with `data-rows` the
 * rows (elements with an id) keep their place while the pointer or the focus is among them.
 */

export interface FreshParts {
  /** Something that the page shows may be other than it shows. */
  changed(): void;
  close(): void;
}

const PACE_MS = 1_000;
const PACE_FACTOR = 4;
const MOST_PACE_MS = 15_000;

export interface FreshOptions {
  /** After each change of the page. */
  onFresh?: () => void;
  /** Of the page that writes the parts: this one, unless told. */
  address?: () => string;
}

export function freshParts(root: HTMLElement, { onFresh, address = here }: FreshOptions = {}): FreshParts {
  const closing = new AbortController();
  let isDue = false;
  let isAsking = false;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let notBefore = 0;

  const schedule = () => {
    if (!isDue || isAsking || timer !== null || closing.signal.aborted) return;
    timer = setTimeout(() => void ask(), Math.max(0, notBefore - performance.now()));
  };
  const ask = async () => {
    timer = null;
    isDue = false;
    isAsking = true;
    const askedAt = performance.now();
    try {
      const fresh = await pageAgain(address(), closing.signal);
      if (fresh === null) location.reload();
      else {
        for (const part of partsOf(root)) takeOver(part, fresh);
        root.removeAttribute("data-stale");
        onFresh?.();
      }
    } catch {
      // It is said on the page, and asked again: the line of the page's age tells of a broken link by itself.
      if (closing.signal.aborted) return;
      root.setAttribute("data-stale", "");
      isDue = true;
    } finally {
      isAsking = false;
    }
    const took = performance.now() - askedAt;
    const pace = root.hasAttribute("data-stale") ? MOST_PACE_MS / 3 : Math.max(PACE_MS, took * PACE_FACTOR);
    notBefore = askedAt + Math.min(MOST_PACE_MS, pace);
    schedule();
  };
  return {
    changed: () => {
      isDue = true;
      schedule();
    },
    close: () => {
      closing.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

const here = (): string => location.pathname + location.search;

const partsOf = (root: ParentNode): HTMLElement[] => [...root.querySelectorAll<HTMLElement>("[data-part]")];

/** The page as the server writes it now; null when the answer is another page (somebody has to sign in again). */
async function pageAgain(address: string, signal: AbortSignal): Promise<Document | null> {
  const answer = await fetch(address, { headers: { accept: "text/html" }, signal });
  if (answer.redirected) return null;
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function takeOver(part: HTMLElement, page: Document): void {
  const fresh = page.querySelector(`[data-part="${part.dataset["part"]!}"]`);
  if (!fresh || fresh.innerHTML === part.innerHTML || isMarked(part)) return;
  const isHeld = part.matches(":hover") || part.contains(document.activeElement);
  if ("rows" in part.dataset && isHeld) {
    for (const row of fresh.querySelectorAll("tr[id]")) {
      const old = document.getElementById(row.id);
      if (old && part.contains(old) && old.innerHTML !== row.innerHTML) keeping(old, () => old.replaceWith(row));
    }
    return;
  }
  keeping(part, () => part.replaceChildren(...fresh.childNodes));
}

/** Replaces content; what is focused, scrolled or open in it stays so. */
function keeping(element: HTMLElement, replace: () => void): void {
  const focused = element.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "";
  const open = [...element.querySelectorAll("details[open][id]")].map(({ id }) => id);
  const scrolled = [...element.querySelectorAll("[data-scroll][id]")].map(({ id, scrollLeft }) => [id, scrollLeft] as const); // prettier-ignore
  replace();
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, left] of scrolled) {
    const place = document.getElementById(id);
    if (place) place.scrollLeft = left;
  }
  if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: true });
}

/** What somebody has marked to copy is left alone until they are done. */
function isMarked(part: HTMLElement): boolean {
  const selection = getSelection();
  return selection?.type === "Range" && part.contains(selection.anchorNode);
}
