/** The live layer of the on-call page: newest events, problems, pipelines and counts from one stream. */
import { component$, useVisibleTask$, type Signal } from "@builder.io/qwik";
import { liveTable, newestOf } from "../event-table/live-table";
import { followPage } from "../follow/follow-page";
import type { DataAge } from "../shell/data-age";
import { ASK_AGAIN_MS, askDecided } from "./decided";
import { liveOnCall } from "./live-on-call";

export interface FollowOnCallProps {
  age: Signal<DataAge>;
  waiting: Signal<number>;
  isEmpty: Signal<boolean>;
  renderedAt: number;
}

export const FollowOnCall = component$<FollowOnCallProps>(({ age, waiting, isEmpty, renderedAt }) => {
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
      const panels = liveOnCall();
      const views = panels?.data.follow ?? null;
      const topics = [
        { topic: spec.topic as string, since: spec.position, key: spec.shape.key, schemaId: spec.shape.schemaId },
        // Positions of views are of the same commit as their feed's.
        ...Object.values(views ?? {}).map(({ topic, position, schemaId }) => {
          return { topic, since: position, key: 0, schemaId };
        }),
      ];
      const leaving = new AbortController();
      let again: ReturnType<typeof setTimeout> | undefined;
      const askAgain = async () => {
        const decided = await askDecided(leaving.signal);
        if (decided) panels?.decided(decided.marks, decided.owners);
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
        newestIn: (name, { up }) => (name === spec.topic ? newestOf(up, spec.shape.eventTime) : null),
        setAge: (next) => {
          age.value = next;
          // While nothing new can be known, nothing becomes late or silent: that would be our trouble shown as theirs.
          if (next.now !== null && next.link === "live") panels?.tick(next.now);
        },
        onDelta: (name, delta) => {
          isEmpty.value = false;
          document.getElementById("on-call")!.hidden = false;
          if (name !== spec.topic) return panels?.apply(name, delta);
          if (delta.counts) panels?.setDay(delta.counts.day);
          table.apply(delta);
        },
        onPreview: (name, frame) => {
          if (name === spec.topic) table.preview(frame);
        },
        onDecided: (note) => {
          if (views && (note === null || note.topic === views.problems.topic)) void askAgain();
        },
        onRelease: () => table.release(),
      });
      cleanup(() => {
        leaving.abort();
        clearTimeout(again);
        stop();
        panels?.close();
        table.close();
      });
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});
