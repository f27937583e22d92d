/** One sentence about the whole page: what a form did, what is missing, what stands still. */
import type { JSXChildren } from "@builder.io/qwik";

/** `bad` interrupts who listens to the page, the others wait their turn. `part` = something of the page is not there. */
export type NoticeKind = "ok" | "bad" | "part";

const TONES = { ok: "ok", bad: "bad", part: "wait" } as const;

export const noticeLine = (kind: NoticeKind, text: JSXChildren) => (
  <p role={kind === "bad" ? "alert" : "status"} class={`outcome mark ${TONES[kind]}`}>
    {text}
  </p>
);

/** What a form did; nothing when none was sent. */
export const outcomeLine = (outcome: { ok: boolean; text: string } | null) =>
  outcome === null ? null : noticeLine(outcome.ok ? "ok" : "bad", outcome.text);
