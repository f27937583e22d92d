/** What the slider of time does with script: it tells the moment while it is moved, and goes there when it is let go. */
import { exactTime, UTC } from "../ui/time-text";

/** For `pointerdown`, `input` and `change` of the slider. With keys one goes by Enter, which sends the form. */
export function scrub(event: Event, slider: HTMLInputElement): void {
  if (event.type === "pointerdown") slider.dataset["held"] = "";
  else if (event.type === "input") tell(slider);
  else if ("held" in slider.dataset) {
    delete slider.dataset["held"];
    slider.form?.requestSubmit();
  }
}

function tell(slider: HTMLInputElement): void {
  const zone = slider.dataset["zone"] ?? UTC;
  const text = `${exactTime(slider.valueAsNumber, zone).slice(0, 19)} ${zone}`;
  slider.setAttribute("aria-valuetext", text);
  const told = slider.form?.querySelector("output");
  if (told) told.textContent = text;
}

/** Puts a link where it can be pasted; where the browser does not let us, it is marked for the reader to copy. */
export async function copyLink(field: HTMLInputElement, told: HTMLElement): Promise<void> {
  field.select();
  const clipboard = navigator.clipboard as Clipboard | undefined;
  const isCopied = clipboard !== undefined && (await clipboard.writeText(field.value).then(isDone, isRefused));
  told.textContent = isCopied ? "Copied." : "Press Ctrl+C or ⌘C to copy it.";
}

const isDone = () => true;
const isRefused = () => false;
