/** Links of an owner's templates, for rows and facts. Keyed text, no component of its own: it is repeated per row. */
import type { OwnerLink } from "./owner-links";

/** @param of names what they lead from, for those who hear them out of their row */
export const ownerLinkList = (links: readonly OwnerLink[], of: string) =>
  links.map(({ label, href }) => (
    <a key={label} class="small" href={href} rel="noopener noreferrer" target="_blank" aria-label={`${label} of ${of}`}>
      {label}
    </a>
  ));
