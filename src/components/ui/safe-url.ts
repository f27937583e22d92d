/** A link target out of event text: the normalised URL when it is http or https without credentials, else null. */
export function safeUrl(text: unknown): string | null {
  if (typeof text !== "string" || !/^https?:\/\//i.test(text)) return null;
  try {
    const url = new URL(text);
    const isWeb = url.protocol === "http:" || url.protocol === "https:";
    return isWeb && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    // Not a URL: the text is shown as text, or not at all.
    return null;
  }
}
