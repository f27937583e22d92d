/** The live layer of a page with a table, and the bar that says what waits. */
import { component$, useVisibleTask$, type Signal } from "@builder.io/qwik";
import { followPage } from "../follow/follow-page";
import { HELD_EVENT } from "../follow/held";
import type { DataAge } from "../shell/data-age";
import { liveTable, newestOf } from "./live-table";

export interface FollowTableProps {
  age: Signal<DataAge>;
  waiting: Signal<number>;
  shown: Signal<number>;
  isEmpty: Signal<boolean>;
  renderedAt: number;
}

export const FollowTable = component$<FollowTableProps>(({ age, waiting, shown, isEmpty, renderedAt }) => {
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
          (count) => (shown.value = count),
        );
      if (!table) return;
      const { topic, position, shape } = table.spec;
      const stop = followPage({
        feed: shape.feed,
        topics: [{ topic, since: position, key: shape.key, schemaId: shape.schemaId }],
        renderedAt,
        age: age.value,
        newestIn: (_, { up }) => newestOf(up, shape.eventTime),
        setAge: (next) => (age.value = next),
        onDelta: (_, delta) => {
          isEmpty.value = false;
          table.apply(delta);
        },
        onPreview: (_, frame) => table.preview(frame),
        onRelease: () => {
          table.release();
          document.getElementById("main")?.scrollIntoView();
        },
      });
      cleanup(() => {
        stop();
        table.close();
      });
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});

export const NewBar = component$<{ waiting: Signal<number> }>(({ waiting }) => {
  const count = waiting.value;
  return (
    <div class="newbar" role="status">
      {count > 0 && (
        <button
          type="button"
          onClick$={() => document.dispatchEvent(new CustomEvent(HELD_EVENT, { detail: "release" }))}
        >
          ↑ {count} {count === 1 ? "change" : "changes"}
        </button>
      )}
    </div>
  );
});
