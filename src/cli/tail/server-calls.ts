/** The calls of the API that `weir tail` makes. */
import { feedFromSchema } from "../../model/feed-from-schema";
import type { Feed } from "../../model/feed";
import type { Position } from "../../model/position";
import type { Row, WireValue } from "../../model/value";
import { UsageError } from "../usage";

export interface Server {
  url: string;
  token: string | null;
}

export interface FeedState {
  feed: Feed;
  head: Position;
  /** Epoch ms. */
  committedAt: number | null;
}

/** A request that will never be answered otherwise: who asks, or what for. Anything else may pass. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429;

/** @throws UsageError when asking again is no use; Error when it may be */
export async function open(server: Server, path: string, accept: string, signal: AbortSignal): Promise<Response> {
  const authorization = server.token === null ? {} : { authorization: `Bearer ${server.token}` };
  const response = await fetch(`${server.url.replace(/\/+$/, "")}/api/v1/${path}`, {
    headers: { accept, ...authorization },
    signal,
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as { detail?: string } | null;
  const reason = problem?.detail ?? `${server.url} answered ${response.status}.`;
  throw isFinal(response.status) ? new UsageError(`weir tail: ${reason}`) : new Error(reason);
}

export async function describeFeed(server: Server, name: string, signal: AbortSignal): Promise<FeedState> {
  const response = await open(server, `feeds/${encodeURIComponent(name)}`, "application/json", signal);
  const { schema, schemaId, head, committedAt } = (await response.json()) as {
    schema: unknown;
    schemaId: string;
    head: Position;
    committedAt: number | null;
  };
  return { feed: feedFromSchema(schema, () => schemaId), head, committedAt };
}

/** The newest rows that fit the parameters, newest first, and the position that they are of. */
export async function newestRows(
  server: Server,
  feed: Feed,
  params: URLSearchParams,
  signal: AbortSignal,
): Promise<{ position: Position; rows: Row[] }> {
  const response = await open(server, `feeds/${feed.name}/rows?${params}`, "application/json", signal);
  const { position, rows } = (await response.json()) as { position: Position; rows: Record<string, WireValue>[] };
  return { position, rows: rows.map((row) => feed.fields.map(({ name }) => row[name] ?? null)) };
}
