/** Name of a dashboard and what can be done with it; while it is arranged, the tools for that. Plain links and forms. */
import type { DashboardPage } from "~/web/pages/dashboard/dashboard-page";
import { noticeLine } from "../ui/notice-line";
import { KIND_NAMES, PANEL_KINDS, type PanelKind } from "./panel-kinds";

const KIND_WORDS: Readonly<Record<PanelKind, string>> = {
  counts: "Events by status, each a link to them",
  table: "Rows of a feed, a derived view or a saved view",
  problems: "What is failing, grouped",
  pipelines: "How the pipelines are doing, worst first",
  chart: "Events, or the sum of a number in them, over time",
  note: "Text with links, written in Markdown",
};

export const dashboardBar = (page: DashboardPage) => {
  const { dashboard, arranging, outcome, kept, hrefs, state } = page;
  const whose = dashboard.visibility === "shared" ? "shared with the team" : "private";
  return (
    <>
      <div class="title">
        <h1>{dashboard.name}</h1>
        <span class="muted small">
          {whose}, by {dashboard.owner.name}
        </span>
        <span class="grow" />
        <a class="small" href={hrefs.list}>
          All dashboards
        </a>
        {arranging ? (
          <a class="button" href={hrefs.view}>
            Done
          </a>
        ) : dashboard.canEdit && state.at === null ? (
          <a class="button" href={hrefs.arrange}>
            Arrange
          </a>
        ) : null}
        {menu(page)}
      </div>
      {kept === null ? null : noticeLine("part", kept)}
      {outcome === null
        ? null
        : noticeLine(
            outcome.ok ? "ok" : "bad",
            <>
              {outcome.text} {outcome.reload === null ? null : <a href={outcome.reload}>Load it again</a>}
            </>,
          )}
      {arranging ? arrangeBar(page) : null}
    </>
  );
};

const arrangeBar = ({ dashboard, hrefs }: DashboardPage) => (
  <div class="dash-arrange" role="group" aria-label="Arrange">
    <button type="button" class="primary" popovertarget="add-panel">
      Add panel
    </button>
    <button type="button" id="dash-undo" hidden>
      Undo
    </button>
    <p class="muted small" id="arrange-help">
      Drag a panel by its title, or select it with Tab: <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> move it,{" "}
      <kbd>Shift</kbd> with an arrow resizes it, <kbd>Enter</kbd> edits it, <kbd>Delete</kbd> removes it.
    </p>
    <p id="dash-said" class="quiet" role="status" aria-live="polite" />
    <p id="dash-trouble" class="outcome mark bad" role="alert" hidden>
      <span data-text /> <a href={hrefs.arrange}>Load it again</a>
    </p>
    <dialog id="add-panel" popover="auto" aria-labelledby="add-panel-title">
      <h2 id="add-panel-title">Add panel</h2>
      <form method="post" action={hrefs.arrange} class="dash-kinds">
        <input type="hidden" name="do" value="add" />
        <input type="hidden" name="revision" value={dashboard.revision} />
        {PANEL_KINDS.map((kind) => (
          <button key={kind} name="kind" value={kind}>
            <b>{KIND_NAMES[kind]}</b>
            <span class="muted small">{KIND_WORDS[kind]}</span>
          </button>
        ))}
      </form>
      <div class="actions">
        <button type="button" popovertarget="add-panel" popovertargetaction="hide">
          Close
        </button>
      </div>
    </dialog>
  </div>
);

const menu = ({ dashboard, hrefs }: DashboardPage) => {
  const { revision, visibility, name, canEdit } = dashboard;
  return (
    <details class="travel">
      <summary aria-label="More about this dashboard">⋯</summary>
      <div class="panel dash-menu">
        {canEdit ? (
          <form method="post" action={hrefs.here}>
            <input type="hidden" name="revision" value={revision} />
            <label>
              Name
              <input name="name" required maxLength={120} value={name} />
            </label>
            <button name="do" value="rename">
              Rename
            </button>
          </form>
        ) : null}
        <div class="actions">
          <a class="button" href={hrefs.exported} download>
            Export
          </a>
          <form method="post" action={hrefs.here}>
            <button name="do" value="duplicate">
              Duplicate
            </button>
            {canEdit ? (
              <>
                <button name="do" value={visibility === "shared" ? "unshare" : "share"}>
                  {visibility === "shared" ? "Stop sharing" : "Share with the team"}
                </button>
                <button name="do" value="delete">
                  Delete
                </button>
              </>
            ) : null}
          </form>
        </div>
      </div>
    </details>
  );
};
