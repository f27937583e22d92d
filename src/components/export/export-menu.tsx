/** What the page shows, for other programs: plain links to the API with the same query. */
import { popover } from "../ui/popover";
import type { ExportLink } from "./export-links";

export const exportMenu = (links: readonly ExportLink[], name: string) =>
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
              <a href={allHref} download={`${name}.${format}`} aria-label={`${label} of all that match`}>
                All that match
              </a>
            </dd>
          </div>
        ))}
      </dl>
    ),
  });
