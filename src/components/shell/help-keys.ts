/** The keys, for the help: which there are, what they do, and where they do it. */
export interface HelpKey {
  keys: string;
  what: string;
  /** It works where this is on the page; none = everywhere. */
  where?: string;
}

export interface HelpGroup {
  title: string;
  keys: readonly HelpKey[];
}

const ROW = "[data-row], #rows tbody > tr";
const EVENT = "#rows tbody > tr";

/** An element of the page that answers to the key. */
const has = (key: string) => `[data-key="${key}"], [aria-keyshortcuts="${key}"]`;

export const HELP: readonly HelpGroup[] = [
  {
    title: "Go",
    keys: [
      { keys: "Ctrl K", what: "To anything: pages, pipelines, problems, batches, views" },
      { keys: "/", what: "Search: of the page, or as Ctrl K" },
      { keys: "g o", what: "On-call", where: has("g o") },
      { keys: "g p", what: "Problems", where: has("g p") },
      { keys: "g r", what: "Pipelines and their runs", where: has("g r") },
      { keys: "g a", what: "All events", where: has("g a") },
      { keys: "g t", what: "The table", where: has("g t") },
      { keys: "g c", what: "Charts", where: has("g c") },
      { keys: "g l", what: "Reliability", where: has("g l") },
      { keys: "g d", what: "Dashboards", where: has("g d") },
      { keys: "g s", what: "Settings", where: has("g s") },
      { keys: "?", what: "This help" },
      { keys: "Esc", what: "Close, leave the row" },
    ],
  },
  {
    title: "Rows",
    keys: [
      { keys: "j", what: "Next row", where: ROW },
      { keys: "k", what: "Previous row", where: ROW },
      { keys: "o", what: "Open it; a batch beside its list (Enter: its page)", where: ROW },
      { keys: "x", what: "Choose it, for copying several", where: ROW },
      { keys: "c", what: "Copy the row, or those chosen", where: ROW },
      { keys: "e", what: "Copy its whole error", where: ROW },
      { keys: "← →", what: "Step through its cells", where: EVENT },
      { keys: "v", what: "Copy the cell", where: EVENT },
      { keys: "f", what: "Only rows like it: its pipeline, or the cell", where: `${EVENT}, ${has("f")}` },
      { keys: "!", what: "All but those", where: `${EVENT}, ${has("!")}` },
      { keys: "a", what: "Acknowledge", where: has("a") },
      { keys: "m", what: "Mute", where: has("m") },
    ],
  },
  {
    title: "Time",
    keys: [
      { keys: "t", what: "Time travel", where: `#travel, ${has("t")}` },
      { keys: "[", what: "The instant before", where: has("[") },
      { keys: "]", what: "The instant after", where: has("]") },
      { keys: "d", what: "What changed since you last looked", where: has("d") },
      { keys: "p", what: "Pause and go on", where: `#pause, ${has("p")}` },
    ],
  },
];
