/**
 * Makes an element what a new version of its markup says, keeping every node that can stay: the focus, a selection and an open
 * tooltip survive. Both are made by the same functions from escaped text, so only attributes and texts differ.
 */

/** An element with this attribute in its new version is left as it is: the new version does not know its content. */
export const KEEP = "data-keep";

export function morph(old: Element, now: Element): void {
  for (const name of old.getAttributeNames()) {
    // What the page itself says of a row, the markup does not know.
    if (!now.hasAttribute(name) && name !== "tabindex") old.removeAttribute(name);
  }
  for (const name of now.getAttributeNames()) {
    const value = now.getAttribute(name)!;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const next = [...now.childNodes];
  for (const [i, child] of next.entries()) {
    const own = old.childNodes[i];
    if (own === undefined) old.append(child);
    else if (child instanceof Element && child.hasAttribute(KEEP) && own instanceof Element) continue;
    else if (own instanceof Element && child instanceof Element && own.localName === child.localName) morph(own, child);
    else if (own instanceof Text && child instanceof Text) {
      if (own.data !== child.data) own.data = child.data;
    } else own.replaceWith(child);
  }
  while (old.childNodes.length > next.length) old.lastChild!.remove();
}
