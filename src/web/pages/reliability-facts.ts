/** How soon failures of a feed were seen and how soon pipelines recovered, for the page and the call alike. */
import type { RequestEventBase } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { listAcknowledgements } from "../../control/problem-mark/list-acknowledgements";
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import { instantAt } from "../../model/instant";
import { reliabilityOf, type ReliabilityReport } from "../../model/reliability";
import { MEMORY_MS } from "../../model/usual/memory";
import { askForPage } from "./page-control";

export interface ReliabilityFacts extends ReliabilityReport {
  /** The newest commit of the feed that is rolled up in it; null = nothing is rolled up yet. */
  instant: string | null;
  /** The time of that commit, epoch ms. */
  readTo: number | null;
  /** False: what people decided cannot be told at present, and no acknowledgement is counted. */
  hasAcknowledgements: boolean;
  /** The feed that keeps the hours; null = they are in memory, from what the tables tell, and of the present. */
  keptIn: string | null;
}

/**
 * @param asOf the time that it is of, epoch ms; null = the present
 * @throws AppError gone when what was rolled up then is not kept any more
 */
export async function reliabilityFacts(
  app: App,
  ev: RequestEventBase,
  feed: Feed,
  asOf: number | null,
): Promise<ReliabilityFacts> {
  const { store, table } = app.hours.get(feed.name)!;
  const kept = app.feeds.find(({ derivedFrom }) => derivedFrom === feed.name)?.name ?? null;
  const at = asOf === null ? { runs: table.runs(), readTo: table.readTo } : await store.runsAt(asOf, app.clock.now());
  if (at === null) throw await goneHours(app, kept!);
  const to = asOf ?? app.clock.now();
  const marks = await askForPage(app, ev, (ctx) =>
    listAcknowledgements(ctx, { feed: feed.name, since: to - 2 * MEMORY_MS }),
  );
  const known = (marks ?? []).filter((mark) => mark.at <= to);
  // Half of the hours would tell of half of the incidents.
  const runs = at.readTo === null ? [] : at.runs;
  return {
    ...reliabilityOf(runs, known, to),
    instant: at.readTo === null ? null : instantAt(at.readTo),
    readTo: at.readTo,
    hasAcknowledgements: marks !== null,
    keptIn: kept,
  };
}

async function goneHours(app: App, feed: string): Promise<AppError> {
  const oldest = await app.tables(feed).reader.reach();
  const cure = oldest === null ? "nothing is kept yet" : `the oldest instant that is kept is ${oldest}`;
  return new AppError("gone", `What was rolled up in feed ${feed} at that time is not kept: ${cure}.`, { oldest });
}
