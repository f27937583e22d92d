/**
 * Clicks on rows. The framework hears clicks only after the last byte of a document; a person who sees a row may click it
 * while thousands are still arriving. So this is a script of the document itself, written in its head
 * (`shell/head.tsx`), and the one place that answers to such clicks, before and after the page has come to life. The mark is a
 * class of the row in the document: the keys (`shell/keys.ts`) and the live layer look for it there.
 */

/** The script's text. */
export const pickScript = (): string => `(${pickOnClick.toString()})()`;

/**
 * A click on a row picks it, which shows its texts in full; a click elsewhere in the table lets it go. Travels as text: it
 * must use nothing from outside itself.
 */
function pickOnClick(): void {
  document.addEventListener("click", ({ target }) => {
    const clicked = target as Element;
    if (!clicked.closest("#rows, .pickable") || clicked.closest("a, button") || getSelection()?.type === "Range")
      return;
    const old = document.querySelector("tr.picked");
    const row = clicked.closest("tr[id]");
    document.querySelector("td.here")?.classList.remove("here");
    old?.classList.remove("picked");
    if (row === old) return;
    row?.classList.add("picked");
    clicked.closest("td")?.classList.add("here");
  });
}
