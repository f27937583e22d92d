/** What leads to exactly this page, of a page that follows: the link and the pin are of the commit that is shown by now. */
import { parsePosition, type Position } from "~/model/position";
import { withParams } from "../shell/page-url";

/** Moves what the server wrote for the commit of its answer (`keep-menu.tsx`, `page-foot.tsx`). @param position of the page's feed */
export function keepNow(position: Position): void {
  const instant = parsePosition(position)?.instant;
  if (instant === undefined || instant === "0") return;
  const told = document.getElementById("position");
  // That of a derived view is not the feed's.
  if (told?.textContent.split(".")[0] === position.split(".")[0]) told!.textContent = position;
  for (const box of document.querySelectorAll<HTMLElement>(".keep-forms")) {
    if (box.dataset["instant"] === instant) continue;
    box.dataset["instant"] = instant;
    for (const field of box.querySelectorAll<HTMLInputElement>("[data-at=address]"))
      field.value = withParams(field.value, { at: instant });
    for (const field of box.querySelectorAll<HTMLInputElement>("[data-at=instant]")) field.value = instant;
    // The commit that was pinned is the one of before.
    const pinned = box.querySelector(".told-pinned");
    if (pinned) pinned.textContent = "The commit that was shown first is pinned; this one is newer.";
  }
}
