/** All saved views with their buttons, which are plain forms. */
import { component$ } from "@builder.io/qwik";
import type { ViewsPage } from "~/web/pages/views-page";
import { pickPageData } from "../page-data";
import { listTable } from "../ui/list-table";
import { outcomeLine } from "../ui/notice-line";
import { postButton } from "../ui/post-button";

type View = NonNullable<ViewsPage["views"]>[number];

export const ViewsList = component$(() => {
  const { views, mayShare, outcome } = pickPageData<ViewsPage>("views")!;
  return (
    <>
      <h1>Saved views</h1>
      {outcomeLine(outcome)}
      <p class="muted">
        A view is the state of a page: its filters, its range. Save one in the menu “Views” of a page.
      </p>
      {views === null ? (
        <p>
          Saved views are not there yet: the database that keeps them is starting or away. Load the page again soon.
        </p>
      ) : (
        <div class="panel-box">
          {listTable({
            caption: "Views that come with Weir, your own and those of the team",
            columns: [
              { label: "Name" },
              { label: "Page", width: 12 },
              { label: "Whose", width: 8 },
              { label: "What to do", width: 32, isQuiet: true },
            ],
            rows: views.map((view) => viewRow(view, mayShare)),
          })}
        </div>
      )}
    </>
  );
});

function viewRow(view: View, mayShare: boolean) {
  const { id, name, href, path, visibility, owner, starred, isDefault, canChange } = view;
  return (
    <tr key={id}>
      <td>
        <a href={href}>{name}</a> {starred && <span class="muted small">starred</span>}{" "}
        {isDefault && <span class="muted small">default</span>}
      </td>
      <td data-label="Page">{path}</td>
      <td data-label="Whose">
        {visibility === "system" ? "Weir" : visibility === "shared" ? `team, by ${owner?.name ?? ""}` : "yours"}
      </td>
      <td>
        <div class="actions">
          {button(id, name, starred ? "unstar" : "star", starred ? "Unstar" : "Star")}
          {button(id, name, isDefault ? "no-default" : "default", isDefault ? "No default" : "Make default")}
          {canChange && (
            <>
              {(mayShare || visibility === "shared") &&
                button(
                  id,
                  name,
                  visibility === "shared" ? "unshare" : "share",
                  visibility === "shared" ? "Make private" : "Share",
                )}
              {button(id, name, "delete", "Delete")}
              <form method="post" action="/settings/views" class="line-form">
                <input type="hidden" name="id" value={id} />
                <input name="name" required maxLength={120} value={name} aria-label={`New name of ${name}`} />
                <button name="do" value="rename" aria-label={`Rename ${name}`}>
                  Rename
                </button>
              </form>
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

const button = (id: string, name: string, act: string, text: string) =>
  postButton({ action: "/settings/views", act, text, name: `${text}: ${name}`, fields: { id } });
