/** A list of the page, the bar that says what waits for it, and the words around it. */
import { keyedList } from "./keyed-list";
import { KEEP } from "./morph";
import type { Panel } from "./panels";
import { nameOfRowId } from "./pipeline-markup";
import { readingWatch } from "./reading-watch";

export interface FollowedPanel {
  show(panel: Panel): void;
  /** Names of the listed pipelines whose runs are not shown. */
  withoutRuns(): string[];
  release(): void;
  close(): void;
}

/** @param name id of the table's body */
export function followedPanel(name: "problems" | "pipelines"): FollowedPanel | null {
  const body = document.getElementById(name) as HTMLTableSectionElement | null;
  const section = body?.closest("section");
  if (!body || !section) return null;
  const part = (selector: string) => section.querySelector<HTMLElement>(selector)!;
  const [bar, about, empty, box] = [part(".oc-new"), part("[data-about]"), part(".all-well"), part(".oc-scroll")];
  const table = body.parentElement!;
  const noteEmpty = () => {
    [empty.hidden, table.hidden] = [body.rows.length > 0, body.rows.length === 0];
  };
  const watch = readingWatch(box, () => {
    list.release();
    noteEmpty();
  });
  const list = keyedList(body, {
    isHeld: watch.isHeld,
    onWaiting: (count) => {
      bar.hidden = count === 0;
      bar.textContent = count === 0 ? "" : `↑ ${count} ${count === 1 ? "change" : "changes"}`;
    },
  });
  const release = () => {
    body.querySelector("tr.picked")?.classList.remove("picked");
    box.scrollTop = 0;
    list.release();
    noteEmpty();
  };
  bar.addEventListener("click", release);
  return {
    show({ rows, about: text }) {
      list.show(rows);
      if (about.textContent !== text) about.textContent = text;
      noteEmpty();
    },
    withoutRuns: () => [...body.rows].filter((row) => row.querySelector(`[${KEEP}]`)).map(({ id }) => nameOfRowId(id)),
    release,
    close() {
      bar.removeEventListener("click", release);
      watch.close();
    },
  };
}
