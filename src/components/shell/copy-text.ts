/** Puts text on the clipboard and says so. */
import { say } from "./say";

/** @param what of which the reader is told, such as `the error` */
export async function copyText(text: string, what: string): Promise<void> {
  const isCopied = await write(text);
  say(isCopied ? `Copied ${what}.` : `The browser did not let ${what} onto the clipboard.`);
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not a secure origin (http on another machine), or refused: the old way asks nobody.
    return writeBySelection(text);
  }
}

function writeBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  document.body.append(field);
  const before = document.activeElement as HTMLElement | null;
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  before?.focus();
  return isCopied;
}
