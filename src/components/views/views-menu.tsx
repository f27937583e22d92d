/** Saved views of a page: open one, save this state. Links and a form, so it works before and without script. */
import type { MenuView, ViewsMenu } from "~/web/pages/views-menu";

const GROUPS = [
  ["system", "From Weir"],
  ["private", "Mine"],
  ["shared", "Of the team"],
] as const;

/** @param everythingHref the page without a view, also for those who have a default */
export const viewsMenu = ({ views, path, search, here, mayShare }: ViewsMenu, everythingHref: string | null) => (
  <details class="travel views">
    <summary>Views</summary>
    <div class="panel">
      {views === null ? (
        <p class="muted">Saved views are not there yet: the database that keeps them is starting or away.</p>
      ) : (
        <>
          {everythingHref !== null && <a href={everythingHref}>Everything, without a view</a>}
          {GROUPS.map(([visibility, title]) =>
            group(
              title,
              views.filter((view) => view.visibility === visibility),
              here,
            ),
          )}
          <form method="post" action="/settings/views" aria-label="Save this view">
            <input type="hidden" name="path" value={path} />
            <input type="hidden" name="search" value={search} />
            <label>
              Save this page as
              <input name="name" required maxLength={120} autocomplete="off" />
            </label>
            <button class="primary" name="do" value="save">
              Save
            </button>
            {mayShare && (
              <label class="check">
                <input type="checkbox" name="visibility" value="shared" />
                Share with the team
              </label>
            )}
          </form>
        </>
      )}
      <a class="small" href="/settings/views">
        All saved views
      </a>
    </div>
  </details>
);

const group = (title: string, views: readonly MenuView[], here: string) =>
  views.length > 0 && (
    <div key={title}>
      <p class="muted small">{title}</p>
      <ul class="view-list">
        {views.map(({ id, name, href, starred, isDefault }) => (
          <li key={id}>
            <a href={href} aria-current={href === here ? "page" : undefined}>
              {starred ? "★ " : ""}
              {name}
              {isDefault ? " (default)" : ""}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
