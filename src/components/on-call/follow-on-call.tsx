/** The live layer of the on-call page: newest events, problems, pipelines and counts from one stream. */
import { component$, useVisibleTask$, type Signal } from "@builder.io/qwik";
import { liveTable, newestOf } from "../event-table/live-table";
import { followPage } from "../follow/follow-page";
import type { DataAge } from "../shell/data-age";
import { ASK_AGAIN_MS, askDecided } from "./decided";
import type { liveOnCall, OnCallLive } from "./live-on-call";
import { readOnCallData } from "./on-call-data";

const MINUTE_MS = 60_000;

interface LiveOnCallModule {
  liveOnCall: typeof liveOnCall;
}

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
      const leaving = new AbortController();
      const data = readOnCallData();
      const views = data?.follow ?? null;
      // What patches the panels comes when there is something to patch: a page that is opened and read never asks for it.
      let loading: Promise<OnCallLive> | null = null;
      const panels = (act: (live: OnCallLive) => void) => {
        if (data === null || leaving.signal.aborted) return;
        loading ??= liveCode(leaving.signal).then(({ liveOnCall }) => liveOnCall(data));
        void loading.then(act);
      };
      let shownAt = data?.around.now ?? 0;
      const topics = [
        { topic: spec.topic as string, since: spec.position, key: spec.shape.key, schemaId: spec.shape.schemaId },
        // Positions of views are of the same commit as their feed's.
        ...Object.values(views ?? {}).map(({ topic, position, schemaId }) => {
          return { topic, since: position, key: 0, schemaId };
        }),
      ];
      let again: ReturnType<typeof setTimeout> | undefined;
      let hasDecided = (data?.marks?.length ?? 0) + (data?.owners.length ?? 0) > 0;
      const askAgain = async () => {
        const decided = await askDecided(leaving.signal);
        if (decided && (hasDecided || decided.marks.length + decided.owners.length > 0)) {
          hasDecided = true;
          panels((live) => live.decided(decided.marks, decided.owners));
        }
        if (decided === null && !leaving.signal.aborted) {
          clearTimeout(again);
          again = setTimeout(() => void askAgain(), ASK_AGAIN_MS);
        }
      };
      const tick = (now: number) => {
        if (loading === null && now - shownAt < MINUTE_MS) return;
        shownAt = now;
        panels((live) => live.tick(now));
      };
      const pipelines = document.getElementById("pipelines");
      const peek = () => {
        if (pipelines === null || data === null || views === null) return;
        const about = { topic: views.pipelines.topic, zone: data.around.zone };
        void import("./strip-peek").then(({ peekAtStrips }) => {
          if (leaving.signal.aborted) return;
          const end = peekAtStrips(pipelines, about);
          leaving.signal.addEventListener("abort", end);
        });
      };
      const near = new AbortController();
      for (const first of ["pointerover", "focusin"])
        pipelines?.addEventListener(first, () => (near.abort(), peek()), { signal: near.signal });
      const stop = followPage({
        feed: spec.shape.feed,
        topics,
        renderedAt,
        age: age.value,
        newestIn: (name, { up }) => (name === spec.topic ? newestOf(up, spec.shape.eventTime) : null),
        setAge: (next) => {
          age.value = next;
          // While nothing new can be known, nothing becomes late or silent: that would be our trouble shown as theirs.
          if (next.now !== null && next.link === "live") tick(next.now);
        },
        onDelta: (name, delta) => {
          isEmpty.value = false;
          document.getElementById("on-call")!.hidden = false;
          if (name !== spec.topic) return panels((live) => live.apply(name, delta));
          const { counts } = delta;
          if (counts) panels((live) => live.setCounts(counts));
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
        void loading?.then((live) => live.close());
        table.close();
      });
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});

/** Until it has come: what is to be patched waits for it in its order. */
async function liveCode(leaving: AbortSignal): Promise<LiveOnCallModule> {
  for (;;) {
    try {
      return await import("./live-on-call");
    } catch (error) {
      if (leaving.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}
