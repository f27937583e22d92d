/** The views that come with the program: everybody's, unchangeable, in no table. */
import type { Feed } from "../../model/feed";
import { mayUseFeed, type Actor } from "../actor";
import type { SavedView } from "./saved-view";

const FEED = "pipeline_events";

const VIEWS = [
  { id: "failing-now", name: "Failing now", search: "status=FAILED" },
  { id: "retrying", name: "Retrying", search: "status=RETRYING" },
  /** Begun more than an hour ago and not at an end. */
  { id: "late", name: "Late", search: "status=STARTED&status=RUNNING&to=-1h" },
  { id: "last-hour", name: "Last hour", search: "from=-1h" },
] as const;

/** Id of the view of the pipelines that one owns. */
export const MINE = "system:mine";

/**
 * @param mine the pipelines that the one who asks owns; without any there is no view of them
 * @returns none where the feed that they show is not served, or not to the one who asks
 */
export function systemViews(
  { actor, feeds }: { actor: Actor; feeds: readonly Feed[] },
  mine: readonly string[] = [],
): SavedView[] {
  if (!feeds.some(({ name }) => name === FEED) || !mayUseFeed(actor, "read", FEED)) return [];
  const search = new URLSearchParams(mine.map((name) => ["pipelineName", name])).toString();
  const ownPipelines = mine.length > 0 ? [{ id: "mine", name: "Mine", search }] : [];
  return [...VIEWS, ...ownPipelines].map(viewOf);
}

function viewOf({ id, name, search }: { id: string; name: string; search: string }): SavedView {
  const path = `/feeds/${FEED}`;
  return {
    id: `system:${id}`,
    name,
    path,
    search,
    href: `${path}?${search}`,
    visibility: "system",
    owner: null,
    starred: false,
    isDefault: false,
    createdAt: null,
    updatedAt: null,
  };
}
