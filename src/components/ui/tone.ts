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

/** Feeds have few words; a table asks for each of them thousands of times. */
const known = new Map<string, Tone>();
const MOST_KNOWN = 256;

export function toneOf(status: string): Tone {
  let tone = known.get(status);
  if (tone === undefined) {
    tone = TONES.find(([, pattern]) => pattern.test(status))?.[0] ?? "none";
    if (known.size < MOST_KNOWN) known.set(status, tone);
  }
  return tone;
}

/** The mark of a tone as text, for places where the style sheet cannot draw it. */
export const MARKS: Readonly<Record<Tone, string>> = { ok: "●", bad: "✕", wait: "◐", run: "◌", none: "○" };
