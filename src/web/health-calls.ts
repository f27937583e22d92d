/** The calls about tables: their health, and what one instant did. */
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { isInstant } from "../model/instant";
import { parseAt } from "../model/row-query";
import { worstOf } from "../model/table-health/check";
import { allChecks } from "../model/table-health/health";
import { onlyParameters } from "./parameters";
import { feedFacts, type FactsAt } from "./table-facts";

/** @throws AppError unknown-feed, bad-parameter, gone, engine-unavailable */
export async function healthOf(app: App, feedName: string, query: URLSearchParams) {
  const { feed, inspector } = app.tables(feedName);
  onlyParameters(query, ["at", "duplicates"]);
  const wanted = query.get("duplicates");
  if (wanted !== null && wanted !== "count")
    throw new AppError("bad-parameter", `duplicates must be count, not ${JSON.stringify(wanted.slice(0, 40))}.`, {
      parameter: "duplicates",
    });
  const at = await momentOf(app, feedName, query.get("at"));
  if (wanted !== null && at !== null)
    throw new AppError("bad-parameter", "Duplicates are counted of now: leave at out.", { parameter: "duplicates" });
  const [facts, found] = await Promise.all([
    feedFacts(app, feedName, at),
    wanted === null ? null : inspector.duplicates(),
  ]);
  const checks = allChecks(facts, found);
  const { instant } = facts.head;
  return { feed: feed.name, instant, at: facts.now, state: worstOf(checks), checks };
}

/** @throws AppError gone, bad-parameter */
async function momentOf(app: App, feedName: string, at: string | null): Promise<FactsAt> {
  if (at === null) return null;
  const resolved = await app.tables(feedName).reader.resolve(parseAt(at, app.clock.now()));
  if (resolved.kind === "head") return resolved;
  throw new AppError("gone", "What the tables were at that time is not kept.", { oldest: resolved.oldestInstant });
}

/** @throws AppError unknown-feed, bad-parameter, not-found when no timeline has the instant */
export async function instantOf(app: App, feedName: string, instant: string, query: URLSearchParams) {
  const { feed, inspector } = app.tables(feedName);
  onlyParameters(query, []);
  if (!isInstant(instant)) {
    const shown = JSON.stringify(instant.slice(0, 40));
    throw new AppError("bad-parameter", `An instant has 17 digits: ${shown} is none.`, { parameter: "instant" });
  }
  const actions = (await Promise.all(inspector.tables.map((table) => table.details(instant)))).flat();
  if (actions.length === 0)
    throw new AppError(
      "not-found",
      `No timeline of ${feed.name} has the instant ${instant}: it never was, or it was archived.`,
    );
  return { feed: feed.name, instant, actions };
}
