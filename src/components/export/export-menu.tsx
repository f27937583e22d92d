/** What the page shows, for other programs: plain links to the API with the same query. */
import { popover } from "../ui/popover";
import type { ExportLink } from "./export-links";

/** @param allText what the longer of the two answers holds */
export const exportMenu = (links: readonly ExportLink[], name: string, allText: string) =>
  popover({
    summary: "Export",
    id: "export-menu",
    class: "export",
    children: (
      <dl>
        {links.map(({ label, format, shownHref, allHref }) => (
          <div key={format}>
            <dt>{label}</dt>
            <dd>
              <a href={shownHref} download={`${name}.${format}`} aria-label={`${label} of these rows`}>
                These rows
              </a>
              <a href={allHref} download={`${name}.${format}`} aria-label={`${label}: ${allText}`}>
                {allText}
              </a>
            </dd>
          </div>
        ))}
      </dl>
    ),
  });
