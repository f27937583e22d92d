/** Marks of a status: a shape, a word and a colour, never the colour alone. */
import type { Tone } from "./tone";

/** The style sheet draws the shape before the word. */
export const mark = (tone: Tone, word: string) => <span class={`mark ${tone}`}>{word}</span>;

/** A short word in a box: a state beside a name, a flag on a row. */
export const badge = (word: string, tone: Tone | "past" = "none") => <span class={`badge ${tone}`}>{word}</span>;

/** A key of the keyboard. */
export const keyHint = (key: string) => <kbd>{key}</kbd>;
