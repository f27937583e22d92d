/** The list of dashboards: one's own and the team's. Buttons are plain forms. */
import { component$ } from "@builder.io/qwik";
import type { DashboardsPage } from "~/web/pages/dashboard/dashboards-page";
import { pickPageData } from "../page-data";
import { withParams } from "../shell/page-url";
import { emptyState } from "../ui/empty-state";
import { listBox, listTable } from "../ui/list-table";
import { noticeLine, outcomeLine } from "../ui/notice-line";
import { postButton } from "../ui/post-button";
import { exactTime, isoTime } from "../ui/time-text";
import style from "./dashboard.css?inline";

const HERE = "/dashboards";

export const DashboardsView = component$(() => {
  const { past, dashboards, outcome, kept, pasted } = pickPageData<DashboardsPage>("dashboards")!;
  return (
    <main id="main" tabIndex={-1} class="dash">
      <style dangerouslySetInnerHTML={style} />
      <div class="page">
        <div class="title">
          <h1>Dashboards</h1>
        </div>
        {past && noticeLine("part", `The list as it is now. Dashboards open as of ${past.text}.`)}
        {kept === null ? null : noticeLine("part", kept)}
        {outcomeLine(outcome)}
        <form method="post" action={HERE} class="dash-new">
          <label>
            New dashboard
            <input name="name" required maxLength={120} placeholder="Name" autocomplete="off" />
          </label>
          <label>
            Start
            <select name="start">
              <option value="example">with an example</option>
              <option value="empty">empty</option>
            </select>
          </label>
          <button class="primary" name="do" value="create">
            Create
          </button>
        </form>
        {listBox(
          dashboards.length === 0,
          emptyState("No dashboards yet.", "Create one above, or import what somebody exported."),
          () =>
            listTable({
              caption: "Your dashboards and those of the team, by name",
              columns: [
                { label: "Name" },
                { label: "Whose", width: 12 },
                { label: "Panels", width: 6, isNumber: true },
                { label: "Last change (UTC)", width: 16 },
                { label: "What to do", width: 16, isQuiet: true },
              ],
              rows: dashboards.map((dashboard) => dashboardRow(dashboard, past?.at ?? null)),
            }),
        )}
        <details class="panel-box dash-edit" open={pasted !== ""}>
          <summary>Import a dashboard</summary>
          <form method="post" action={HERE} enctype="multipart/form-data" class="dash-import">
            <label>
              A file that was exported
              <input type="file" name="file" accept=".json,application/json" />
            </label>
            <label class="wide">
              or what is in it
              <textarea name="json" rows={6} spellcheck={false} value={pasted} />
            </label>
            <div class="actions">
              <button name="do" value="import">
                Import
              </button>
            </div>
          </form>
        </details>
      </div>
    </main>
  );
});

function dashboardRow(
  { id, name, visibility, owner, panels, updatedAt, updatedBy, canEdit }: DashboardsPage["dashboards"][number],
  at: string | null,
) {
  return (
    <tr key={id}>
      <td>
        <a class="where" href={withParams(`${HERE}/${id}`, { at })}>
          {name}
        </a>
      </td>
      <td data-label="Whose">{visibility === "shared" ? `the team's, by ${owner.name}` : "yours"}</td>
      <td class="num" data-label="Panels">
        {panels}
      </td>
      <td>
        <time class="mono small" dateTime={isoTime(updatedAt) ?? ""}>
          {exactTime(updatedAt).slice(0, 16)}
        </time>{" "}
        <span class="muted small">by {updatedBy.name}</span>
      </td>
      <td>
        <div class="actions">
          <a class="button" href={`/api/v1/dashboards/${id}/export`} download aria-label={`Export ${name}`}>
            Export
          </a>
          {button("duplicate", "Duplicate", id, name)}
          {canEdit ? button("delete", "Delete", id, name) : null}
        </div>
      </td>
    </tr>
  );
}

const button = (act: string, text: string, id: string, name: string) =>
  postButton({ action: HERE, act, text, name: `${text} ${name}`, fields: { id } });
