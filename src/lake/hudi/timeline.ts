/**
 * The timeline: a folder whose file names are the history of a table. Layout 1 (version 6) keeps it in `.hoodie/` and names
 * a completed action `T.commit`; layout 2 (versions 8 and 9) keeps it in `.hoodie/timeline/` and adds the completion time,
 * `T_C.commit`. Pending files are named alike in both.
 */
import { instantMs, type Instant } from "../../model/instant";
import type { Entry } from "../storage/storage";

export type Action =
  "commit" | "replacecommit" | "deltacommit" | "clean" | "rollback" | "savepoint" | "restore" | "indexing";

export type ActionState = "REQUESTED" | "INFLIGHT" | "COMPLETED";

export interface TimelineInstant {
  /** When the action was requested; its name. */
  instant: Instant;
  action: Action;
  state: ActionState;
  /** Layout 2: when it completed. Null on layout 1, and while it is pending. */
  completion: Instant | null;
  /** Epoch ms of completion: the file's modification time on layout 1. Null while it is pending. */
  completedAt: number | null;
  /** Name of the file of its highest state, in the timeline's folder. */
  file: string;
}

const FILE = /^(\d{14}(?:\d{3})?)(?:_(\d{14}(?:\d{3})?))?\.([a-z]+)(?:\.(requested|inflight))?$/;
/** What pending names become once completed. */
const COMPLETES_AS: Readonly<Record<string, Action>> = {
  commit: "commit",
  replacecommit: "replacecommit",
  clustering: "replacecommit",
  deltacommit: "deltacommit",
  logcompaction: "deltacommit",
  compaction: "commit",
  clean: "clean",
  rollback: "rollback",
  savepoint: "savepoint",
  restore: "restore",
  indexing: "indexing",
};
const STATE_ORDER: Readonly<Record<ActionState, number>> = { REQUESTED: 0, INFLIGHT: 1, COMPLETED: 2 };

/** Seconds of old releases become the last millisecond of their second. */
const normalise = (digits: string): Instant => (digits.length === 14 ? `${digits}999` : digits);

/** What one file of the timeline's folder says, or null for files that are no part of it. */
export function parseTimelineFile(entry: Pick<Entry, "name" | "modifiedAt">): TimelineInstant | null {
  const match = FILE.exec(entry.name);
  if (!match) return null;
  const [, requested, completed, word, suffix] = match;
  const instant = normalise(requested!);
  if (instantMs(instant) === null) return null;
  if (word === "inflight" && suffix === undefined) {
    return { instant, action: "commit", state: "INFLIGHT", completion: null, completedAt: null, file: entry.name };
  }
  const action = COMPLETES_AS[word!];
  if (action === undefined) return null;
  if (suffix !== undefined) {
    const state = suffix === "requested" ? "REQUESTED" : "INFLIGHT";
    return { instant, action, state, completion: null, completedAt: null, file: entry.name };
  }
  const completion = completed === undefined ? null : normalise(completed);
  const completedAt = (completion === null ? null : instantMs(completion)) ?? entry.modifiedAt;
  return { instant, action, state: "COMPLETED", completion, completedAt, file: entry.name };
}

/** All actions of a timeline folder, each in its highest state, oldest first. */
export function readTimeline(entries: readonly Pick<Entry, "name" | "modifiedAt">[]): TimelineInstant[] {
  const actions = new Map<string, TimelineInstant>();
  for (const entry of entries) {
    const found = parseTimelineFile(entry);
    if (found === null) continue;
    const id = `${found.instant}.${found.action}`;
    const known = actions.get(id);
    if (known === undefined || STATE_ORDER[found.state] > STATE_ORDER[known.state]) actions.set(id, found);
  }
  return [...actions.values()].sort(byInstant);
}

/** By instant, then action (a savepoint has the instant of its commit). */
export const byInstant = (a: TimelineInstant, b: TimelineInstant): number =>
  a.instant < b.instant ? -1 : a.instant > b.instant ? 1 : a.action < b.action ? -1 : a.action > b.action ? 1 : 0;

/** An action that can change what a snapshot holds. */
export const isWrite = ({ action }: Pick<TimelineInstant, "action">): boolean =>
  action === "commit" || action === "replacecommit" || action === "deltacommit";

/** A write that was begun and is not complete. */
export const isPending = (instant: TimelineInstant): boolean => instant.state !== "COMPLETED" && isWrite(instant);

/** Names of the three files of an action on layout 1. */
export function actionFiles(instant: Instant, action: Action) {
  return {
    requested: `${instant}.${action}.requested`,
    inflight: action === "commit" ? `${instant}.inflight` : `${instant}.${action}.inflight`,
    completed: `${instant}.${action}`,
  };
}
