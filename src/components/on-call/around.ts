/** What rows of the on-call page need to know of the page that they are on, and the addresses that they lead to. */
import type { Zone } from "../ui/time-text";

export interface Around {
  /** From which ages count, epoch ms: the server's clock, on a page of the past the time of its instant. */
  now: number;
  zone: Zone;
  /** The `at` of the page; null = the present. */
  at: string | null;
  /** The page of the feed, with `at` on a page of the past. */
  feedHref: string;
  /** The feed that the page is about, null when it is the one that the page shows unless told. */
  feed: string | null;
  /** The list of pipelines, with `at` on a page of the past. */
  pipelinesHref: string;
}

export const inTime = (href: string, at: string | null): string =>
  at === null ? href : `${href}${href.includes("?") ? "&" : "?"}at=${encodeURIComponent(at)}`;

export const problemHref = (id: string, { at }: Pick<Around, "at">): string => inTime(`/problems/${id}`, at);

/** The events of the feed that these parameters leave. */
export const eventsHref = (
  { feedHref }: Pick<Around, "feedHref">,
  query: readonly (readonly [name: string, value: string])[],
): string =>
  `${feedHref}${feedHref.includes("?") ? "&" : "?"}${new URLSearchParams(query.map(([name, value]) => [name, value])).toString()}`;
