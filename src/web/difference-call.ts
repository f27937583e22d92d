/** GET /api/v1/feeds/{feed}/difference: what changed between two instants, in numbers; the rows on demand. */
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { CHANGE_KINDS, type ChangeKind } from "../model/difference";
import { changedBatches, changedProblems, summarise } from "../model/difference-summary";
import { differenceEnds } from "./difference-ends";
import { onlyParameters, wholeParameter } from "./parameters";

const SHOWN = ["problems", "batches"] as const;
const LIMIT = 100;
const MAX_LIMIT = 5_000;

/** @throws AppError unknown-feed, bad-parameter, gone */
export async function differenceCall(app: App, feedName: string, query: URLSearchParams) {
  onlyParameters(query, ["at", "vs", "show", "kind", "limit"]);
  const show = oneOf("show", query.get("show"), SHOWN);
  const kind = oneOf("kind", query.get("kind"), CHANGE_KINDS);
  const limit = wholeParameter(query, "limit", LIMIT, MAX_LIMIT);
  const { from, to } = await differenceEnds(app, feedName, query.get("at"), query.get("vs"));
  const found = await app.live.difference(feedName, from, to);
  const problems = changedProblems(found.problems);
  const batches = changedBatches(found.batches);
  const rows = show === null ? null : show === "problems" ? problems : batches;
  return {
    ...{ feed: feedName, from: found.from, to: found.to },
    rows: { ...(found.rows ?? { changed: null, left: null }), byStatus: byStatus(found.counts) },
    summary: summarise(found.problemsBefore, problems, batches),
    ...listOf(show, rows, kind, limit),
  };
}

/** The rows that were asked for; empty and null otherwise. */
function listOf(
  show: (typeof SHOWN)[number] | null,
  rows: readonly { kind: ChangeKind }[] | null,
  kind: ChangeKind | null,
  limit: number,
) {
  const found = rows?.filter((row) => kind === null || row.kind === kind) ?? [];
  const shown = found.slice(0, limit);
  return {
    problems: show === "problems" ? shown : [],
    batches: show === "batches" ? shown : [],
    total: show === null ? null : found.length,
  };
}

type Counts = { window: Readonly<Record<string, number>> } | null;

/** Rows of the hot window per status, at both ends; null for a feed without a status. */
function byStatus({ before, after }: { before: Counts; after: Counts }) {
  if (before === null || after === null) return null;
  const names = [...new Set([...Object.keys(before.window), ...Object.keys(after.window)])].sort();
  return Object.fromEntries(
    names.map((name) => [name, { before: before.window[name] ?? 0, after: after.window[name] ?? 0 }]),
  );
}

/** @throws AppError bad-parameter */
export function oneOf<T extends string>(parameter: string, text: string | null, known: readonly T[]): T | null {
  if (text === null) return null;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  const given = JSON.stringify(text.slice(0, 40));
  throw new AppError("bad-parameter", `${parameter} is ${known.join(" or ")}, not ${given}.`, { parameter });
}
