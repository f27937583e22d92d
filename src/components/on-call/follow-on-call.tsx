/** The live layer of the on-call page: rows are patched, counts and problems are signals, all from one stream. */
import { component$, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { ViewDelta } from "~/model/delta";
import type { Problem } from "~/model/problem";
import { rowToProblem } from "~/model/view";
import { liveTable, newestOf } from "../event-table/live-table";
import { followPage } from "../follow/follow-page";
import type { DataAge } from "../shell/data-age";
import { nextExpiry } from "~/model/problem-mark";
import type { ShownOwner } from "../owner/owner-links";
import { ASK_AGAIN_MS, askDecided, type ShownMark } from "./decided";
import { unrecovered } from "./problem-groups";

export interface FollowOnCallProps {
  age: Signal<DataAge>;
  /** The server's clock, moved once a minute: ages of problems need no more. */
  minute: Signal<number>;
  waiting: Signal<number>;
  isEmpty: Signal<boolean>;
  counts: Signal<Readonly<Record<string, number>>>;
  problems: Signal<readonly Problem[]>;
  /** What people decided about them; null = not known. */
  marks: Signal<readonly ShownMark[] | null>;
  owners: Signal<readonly ShownOwner[]>;
  /** The view of problems and where the page stands on it; null when the feed has none. */
  topic: string | null;
  position: string | null;
  schemaId: string | null;
  renderedAt: number;
}

export const FollowOnCall = component$<FollowOnCallProps>((props) => {
  const { age, minute, waiting, isEmpty, counts, problems, marks, owners, topic, position, schemaId, renderedAt } =
    props;
  // The live connection is what this page is for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    ({ cleanup }) => {
      const root = document.getElementById("rows");
      const table =
        root &&
        liveTable(
          root,
          (count) => (waiting.value = count),
          () => undefined,
        );
      if (!table) return;
      const { spec } = table;
      const topics = [
        { topic: spec.topic as string, since: spec.position, key: spec.shape.key, schemaId: spec.shape.schemaId },
      ];
      // Positions of views are of the same commit as their feed's.
      if (topic !== null && position !== null && schemaId !== null)
        topics.push({ topic, since: position, key: 0, schemaId });
      const leaving = new AbortController();
      let again: ReturnType<typeof setTimeout> | undefined;
      const askAgain = async () => {
        const decided = await askDecided(leaving.signal);
        if (decided) [marks.value, owners.value] = [decided.marks, decided.owners];
        else if (!leaving.signal.aborted) {
          clearTimeout(again);
          again = setTimeout(() => void askAgain(), ASK_AGAIN_MS);
        }
      };
      const stop = followPage({
        feed: spec.shape.feed,
        topics,
        renderedAt,
        age: age.value,
        newestIn: (name, { up }) => (name === topic ? null : newestOf(up, spec.shape.eventTime)),
        setAge: (next) => {
          age.value = next;
          if (next.now === null) return;
          // What expires now is over now, not within the minute.
          const isOver = (nextExpiry(marks.value ?? [], minute.value) ?? Infinity) <= next.now;
          if (isOver || next.now - minute.value > 60_000) minute.value = next.now;
        },
        onDelta: (name, delta) => {
          isEmpty.value = false;
          if (name === topic) {
            problems.value = mergeProblems(problems.value, delta);
            marks.value = withoutRecovered(marks.value, delta);
            return;
          }
          if (delta.counts) counts.value = delta.counts.day;
          table.apply(delta);
        },
        onPreview: (name, frame) => {
          if (name === spec.topic) table.preview(frame);
        },
        onDecided: (note) => {
          if (topic !== null && (note === null || note.topic === topic)) void askAgain();
        },
        onRelease: () => table.release(),
      });
      cleanup(() => {
        leaving.abort();
        clearTimeout(again);
        stop();
        table.close();
      });
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});

/** The list keeps unrecovered problems only: one that recovers leaves it, one that comes back enters again. */
export function mergeProblems(known: readonly Problem[], { up, del }: Pick<ViewDelta, "up" | "del">): Problem[] {
  const byId = new Map(known.map((problem) => [problem.id, problem]));
  for (const id of del) byId.delete(id);
  for (const row of up) {
    const problem = rowToProblem(row);
    byId.set(problem.id, problem);
  }
  return unrecovered(byId.values());
}

/** Who was on a problem that recovered is not on what fails anew: the server says so a moment later. */
export function withoutRecovered(
  marks: readonly ShownMark[] | null,
  { up }: Pick<ViewDelta, "up">,
): readonly ShownMark[] | null {
  if (marks === null || marks.length === 0) return marks;
  const recovered = new Set(
    up
      .map(rowToProblem)
      .filter(({ state }) => state === "recovered")
      .map(({ id }) => id),
  );
  if (recovered.size === 0) return marks;
  return marks.filter(({ kind, problemId }) => kind === "mute" || !recovered.has(problemId));
}
