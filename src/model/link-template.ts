/**
 * Addresses with gaps that are filled from an event: where the logs of an attempt are, where it is run again. Operators write
 * the template, publishers the values, so a value must never choose where a link leads: it is encoded, it stays in the part of
 * the address that it was put into, and scheme and host have no gaps. Pure.
 */
export const PLACEHOLDERS = ["pipeline", "stage", "batch", "event", "attempt", "at"] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** `at` in ISO form. What is not known where the link is shown is absent. */
export type LinkValues = Partial<Record<Placeholder, string>>;

const GAP = /\{([^{}]*)\}/g;
/** Letters only before the first slash after the host: no gap, no name and password, no backslash that browsers turn around. */
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?(?=[/?#]|$)/i;
const isPlaceholder = (name: string): name is Placeholder => (PLACEHOLDERS as readonly string[]).includes(name);

/** What is wrong with a template, in words that follow its name; null = nothing. */
export function templateFault(template: string): string | null {
  const names = [...template.matchAll(GAP)].map(([, name]) => name!);
  const unknown = names.find((name) => !isPlaceholder(name));
  if (unknown !== undefined)
    return `has no value for {${unknown.slice(0, 40)}}: there are ${PLACEHOLDERS.map((name) => `{${name}}`).join(" ")}`;
  if (!/^https?:\/\//i.test(template)) return "must begin with http:// or https://";
  if (!ORIGIN.test(template)) return "must name its host in plain letters, without placeholders, user or password";
  if (/[\s\p{Cc}\\]/u.test(template) || /[{}]/.test(template.replace(GAP, "")))
    return "must not have spaces, backslashes or single braces";
  return URL.canParse(filled(template, () => "x")) ? null : "must be an address";
}

/**
 * @returns the address, or null when a value that it needs is not known, or would lead out of its place (`..` in a path)
 */
export function fillTemplate(template: string, values: LinkValues): string | null {
  if (templateFault(template) !== null) return null;
  let isComplete = true;
  const text = filled(template, (name) => {
    const value = values[name];
    if (value === undefined || value === "") isComplete = false;
    return encodeURIComponent((value ?? "").replace(LONE_SURROGATE, "\uFFFD"));
  });
  if (!isComplete || !URL.canParse(text)) return null;
  const url = new URL(text);
  const plain = new URL(filled(template, () => "x"));
  const isInPlace = url.origin === plain.origin && segments(url) === segments(plain);
  return isInPlace ? url.href : null;
}

/** A plain address of the web, without gaps. */
export const addressFault = (text: string): string | null =>
  GAP_ONCE.test(text) ? "must be a plain address, without placeholders" : templateFault(text);

const filled = (template: string, textOf: (name: Placeholder) => string): string =>
  template.replace(GAP, (_, name: string) => textOf(name as Placeholder));

const segments = ({ pathname }: URL): number => pathname.split("/").length;

const GAP_ONCE = /\{[^{}]*\}/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
