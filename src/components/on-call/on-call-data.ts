/** What the browser needs to follow the page: rendered as one JSON block beside the panels, read once by the live layer. */
import type { HealthState } from "~/model/pipeline-health";
import type { Position } from "~/model/position";
import type { Topic } from "~/model/view";
import type { ShownOwner } from "../owner/owner-links";
import type { Around } from "./around";
import type { ShownMark } from "./decided";
import type { PackedFacts } from "./pipeline-facts";
import type { PipelineSort } from "./pipeline-order";

export interface FollowedView {
  topic: Topic;
  position: Position;
  schemaId: string;
}

export interface StatusWords {
  field: string;
  /** In the order of the schema. */
  known: readonly string[];
}

export interface OnCallData {
  around: Around;
  /** Null on a page that does not follow. */
  follow: { problems: FollowedView; pipelines: FollowedView } | null;
  /** All pipelines. The problems are asked for when the page has come to life. */
  pipelines: PackedFacts;
  /** What people decided; null = not known. */
  marks: readonly ShownMark[] | null;
  owners: readonly ShownOwner[];
  /** Events per status over the last 24 hours. */
  day: Readonly<Record<string, number>>;
  /** Of how many events that is, where it is not of the whole day. */
  dayCutAt: number | null;
  /** What the hot window holds at most. */
  hotRows: number;
  /** The status words of a feed whose events are no attempts, and the name of the field; null for one whose are. */
  words: StatusWords | null;
  sort: PipelineSort;
  /** Only pipelines in one of these states are listed; none = all. */
  states: readonly HealthState[];
}

export const DATA_ID = "on-call-data";

/** Null on a page without panels. */
export function readOnCallData(): OnCallData | null {
  const text = document.getElementById(DATA_ID)?.textContent;
  return text ? (JSON.parse(text) as OnCallData) : null;
}

/** JSON that can stand in a script element: no text of an event can end it (invariant 8). */
export const inScript = (data: unknown): string => JSON.stringify(data).replaceAll("<", "\\u003c");
