/**
 * The live layer of a dashboard: one stream for the topics of all panels, changed with them, and the tools to arrange panels
 * where they are arranged. Framework-neutral; the page's component calls it once the page has come to life.
 */
import type { DashboardFollow } from "~/web/pages/dashboard/dashboard-page";
import { newestOf } from "../event-table/live-table";
import { followPage } from "../follow/follow-page";
import type { LiveHandle } from "../live/open-live";
import type { DataAge } from "../shell/data-age";
import { Arranger } from "./arranger";
import { freshPanels } from "./fresh-panels";

export interface DashboardParts {
  age: DataAge;
  renderedAt: number;
  setAge: (age: DataAge) => void;
}

/** Until the answer is called. @param grid the element that holds the panels */
export function followDashboard(grid: HTMLElement, { age: first, renderedAt, setAge }: DashboardParts): () => void {
  const follow = JSON.parse(grid.dataset["follow"]!) as DashboardFollow;
  const fresh = freshPanels(grid, follow);
  let age = first;
  let stop: (() => void) | null = null;
  let handle: LiveHandle | null = null;
  const begin = (topics: DashboardFollow["topics"]) => {
    stop = followPage({
      feed: follow.feed,
      topics,
      renderedAt,
      age,
      newestIn: (topic, { up }) => (topic === `feeds/${follow.feed}` ? newestOf(up, follow.eventTime) : null),
      setAge: (next) => setAge((age = next)),
      onDelta: (topic, delta) => fresh.changed(topic, delta),
      onHandle: (opened) => (handle = opened),
    });
  };
  const retarget = (topics: DashboardFollow["topics"]) => {
    grid.dataset["following"] = topics.map(({ topic }) => topic).join(" ");
    if (topics.length === 0) {
      stop?.();
      [stop, handle] = [null, null];
      setAge((age = { ...age, link: "snapshot" }));
    } else if (handle) handle.retarget(topics);
    else begin(topics);
  };
  retarget(follow.topics);
  const leave = follow.arranging ? arrange(grid, follow, retarget) : null;
  return () => {
    leave?.();
    stop?.();
    fresh.close();
  };
}

function arrange(
  grid: HTMLElement,
  follow: DashboardFollow,
  onTopics: (topics: DashboardFollow["topics"]) => void,
): () => void {
  const said = document.getElementById("dash-said")!;
  const undo = document.getElementById("dash-undo") as HTMLButtonElement;
  const trouble = document.getElementById("dash-trouble")!;
  const leaving = new AbortController();
  const { signal } = leaving;
  const arranger = new Arranger({
    grid,
    follow,
    announce: (text) => (said.textContent = text),
    onTrouble: (text, isConflict) => {
      trouble.hidden = false;
      trouble.querySelector("[data-text]")!.textContent = text;
      trouble.querySelector<HTMLElement>("a")!.hidden = !isConflict;
    },
    onUndo: (what) => {
      undo.hidden = what === null;
      undo.title = what === null ? "" : `Undo ${what} (Ctrl+Z)`;
    },
    onTopics: (topics) => onTopics(topics),
  });
  grid.addEventListener("keydown", (event) => arranger.key(event) && event.preventDefault(), { signal });
  undo.addEventListener("click", () => void arranger.undo(), { signal });
  grid.addEventListener("submit", (event) => {
    const pressed = event.submitter as HTMLButtonElement | null;
    const id = new FormData(event.target as HTMLFormElement).get("panel");
    if (pressed && typeof id === "string" && arranger.button(id, pressed.value)) event.preventDefault();
  }, { signal }); // prettier-ignore
  grid.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-edit]");
    if (!link) return;
    event.preventDefault();
    void arranger.saved.then(() => location.assign(link.href));
  }, { signal }); // prettier-ignore
  grid.addEventListener("pointerdown", (event) => {
    const target = event.target as Element;
    const id = target.closest<HTMLElement>("[data-panel]")?.dataset["panel"];
    const isResize = target.closest(".dash-grip") !== null;
    if (id === undefined || event.button !== 0 || !matchMedia("(min-width: 46.01rem)").matches) return;
    if (isResize || (target.closest("header") && !target.closest("a, button"))) {
      void arranger.drag(event, id, isResize);
      event.preventDefault();
      target.closest<HTMLElement>("[data-panel]")!.focus({ preventScroll: true });
    }
  }, { signal }); // prettier-ignore
  const add = document.getElementById("add-panel");
  add?.addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = (event.submitter as HTMLButtonElement).value;
    add.hidePopover();
    void arranger.add(event.target as HTMLFormElement, kind);
  }, { signal }); // prettier-ignore
  return () => leaving.abort();
}
