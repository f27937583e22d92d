/**
 * What a status word means to the eye. Feeds choose their own words, so the tone is guessed from them; the word itself is
 * always shown beside the mark, never colour alone.
 */
export type Tone = "ok" | "bad" | "wait" | "run" | "none";

const TONES: readonly (readonly [Tone, RegExp])[] = [
  ["bad", /fail|error|reject|denied|critical|abort|broken|lost/i],
  ["wait", /retry|wait|pending|queue|warn|degrad|late|paused/i],
  ["ok", /complete|success|succeeded|done|passed|healthy|recovered|^ok$/i],
  ["run", /run|start|progress|active|open/i],
];

export const toneOf = (status: string): Tone => TONES.find(([, pattern]) => pattern.test(status))?.[0] ?? "none";

/** The mark of a tone as text, for places where the style sheet cannot draw it. */
export const MARKS: Readonly<Record<Tone, string>> = { ok: "●", bad: "✕", wait: "◐", run: "◌", none: "○" };
