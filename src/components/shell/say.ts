/** A short sentence for whoever did something: seen at the foot of the window, heard by those who listen. */
export const SAID_ID = "said";

/** How long it stands, ms. */
const STANDS_MS = 4_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  const line = document.getElementById(SAID_ID);
  if (line === null) return;
  clearTimeout(timer);
  line.textContent = text;
  timer = setTimeout(() => (line.textContent = ""), STANDS_MS);
}
