/** GET /api/v1/pipelines/{name} and /api/v1/batches/{correlationId}: what the pages show, as facts of one commit. */
import type { RequestEvent } from "@builder.io/qwik-city";
import { createHash } from "node:crypto";
import type { App } from "../app";
import { parseAt } from "../model/row-query";
import { actorOf } from "./actor";
import { holds, keptForEver } from "./caching";
import { onlyParameters } from "./parameters";
import { wantedFeeds } from "./pages/attempt-feed";
import { findBatch } from "./pages/batch-facts";
import { headAt } from "./pages/page-time";
import { pipelineFacts, unknownPipeline } from "./pages/pipeline-facts";

/** @throws AppError not-found, bad-parameter, unknown-feed, gone, forbidden */
export async function sendPipeline(app: App, ev: RequestEvent, pipelineName: string): Promise<void> {
  onlyParameters(ev.query, ["at", "feed", "name"]);
  const asked = ev.query.get("at");
  const at = asked === null ? null : parseAt(asked, app.clock.now());
  let missing: Error | null = null;
  for (const { feed } of wantedFeeds(app, actorOf(ev), ev.query.get("feed"))) {
    const head = at === null ? null : await headAt(app, feed.name, at);
    const picture = await app.live.picture(feed.name, head);
    const facts = pipelineFacts(picture, pipelineName);
    if (!facts) {
      missing ??= unknownPipeline(pipelineName, picture, asked);
      continue;
    }
    const { summary, grid, problems, around, tooWide, others } = facts;
    const { position, instant } = picture;
    // Its problems are grouped by rules of people, which may change at any time.
    const tag = app.live.viewPosition(picture);
    sendFacts(app, ev, { position, instant, tag, isFixed: false }, () => ({
      pipelineName,
      feed: feed.name,
      position,
      instant,
      summary,
      stages: grid.stages,
      stagesLeftOut: grid.stagesLeftOut,
      batches: grid.batches,
      batchesInAll: grid.batchesInAll,
      problems,
      lineage: {
        nodes: around.nodes.map((node) => ({ ...node, state: others.get(node.pipelineName)?.state ?? null })),
        links: around.links,
        isCut: around.isCut,
        tooWide,
      },
    }));
    return;
  }
  throw missing!;
}

/** Attempts in one answer. */
const MOST_ATTEMPTS = 5_000;

/** @throws AppError not-found, bad-parameter, unknown-feed, gone, forbidden */
export async function sendBatch(app: App, ev: RequestEvent, correlationId: string): Promise<void> {
  onlyParameters(ev.query, ["at", "feed", "id"]);
  const asked = ev.query.get("at");
  const at = asked === null ? null : parseAt(asked, app.clock.now());
  const { feed, facts, picture } = await findBatch(
    app,
    actorOf(ev),
    ev.query.get("feed"),
    correlationId,
    async (name) => {
      const head = at === null ? null : await headAt(app, name, at);
      return { at: asked, head };
    },
  );
  const { position, instant } = picture;
  sendFacts(app, ev, { position, instant, tag: position, isFixed: at !== null && !("time" in at) }, () => {
    const { summary, attempts, stages, quality, runs, steps, neighbours, events, isTruncated } = facts;
    const listed = attempts
      .toSorted((a, b) => a.startedAt - b.startedAt || a.attempt - b.attempt)
      .slice(0, MOST_ATTEMPTS)
      .map(({ last, correlationId: _, ...attempt }) => ({ ...attempt, eventId: last[feed.key] }));
    return {
      correlationId,
      feed: feed.name,
      position,
      instant,
      batch: summary,
      quality,
      stages,
      attempts: listed,
      attemptsInAll: attempts.length,
      pipelines: runs,
      path: steps,
      neighbours,
      events,
      isTruncated,
    };
  });
}

/** The answer is a function of `tag` and the address. */
function sendFacts(
  app: App,
  ev: RequestEvent,
  of: { position: string; instant: string | null; tag: string; isFixed: boolean },
  facts: () => object,
): void {
  const hash = createHash("sha256").update(JSON.stringify([of.tag, ev.url.pathname, ev.url.search]));
  const etag = `"${hash.digest("base64url").slice(0, 22)}"`;
  ev.headers.set("ETag", etag);
  ev.headers.set("Cache-Control", of.isFixed ? keptForEver(app.config) : "private, no-cache");
  ev.headers.set("Weir-Position", of.position);
  ev.headers.set("Weir-Instant", of.instant ?? "0");
  if (holds(ev.request.headers.get("if-none-match"), etag)) ev.send(304, "");
  else ev.json(200, facts());
}
