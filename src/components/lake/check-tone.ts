/** How the state of a check looks: a mark and a word. */
import type { CheckState } from "~/model/table-health/check";
import type { Tone } from "../ui/tone";

export const CHECK_TONES: Readonly<Record<CheckState, Tone>> = {
  ok: "ok",
  watch: "wait",
  bad: "bad",
  note: "none",
  unknown: "none",
};

export const CHECK_WORDS: Readonly<Record<CheckState, string>> = {
  ok: "ok",
  watch: "watch",
  bad: "past limit",
  note: "for information",
  unknown: "not known",
};
