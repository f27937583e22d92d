/** The calls of the public interface that tests and benches make. */
import { encodeContainer } from "./avro-container";
import type { PipelineEvent } from "./pipeline-event";

export interface FeedInfo {
  head: string;
  instant: string | null;
  committedAt: number | null;
  newestEventAt: number | null;
  rows: number;
  staged: { events: number; bytes: number; oldestAt: number | null };
  deadLetters: number;
  reach: string | null;
  state: string;
  hot: { rows: number; from: number | null };
  /** Who writes, of servers that share a lake. */
  writer: { here: boolean; host: string; pid: number; address: string | null; lease: number } | null;
}

export interface Acknowledged {
  accepted: number;
  rejected: { index: number; reason: string }[];
}

const FEED = "pipeline_events";
const EVENTS = `/api/v1/feeds/${FEED}/events`;

/** @throws on any answer but 202 */
export async function postContainer(base: string, container: Buffer): Promise<Acknowledged> {
  return post(base, "application/avro", container);
}

export async function postAvro(base: string, events: readonly PipelineEvent[]): Promise<Acknowledged> {
  return postContainer(base, await encodeContainer(events));
}

/** @throws on any answer but 202 */
export async function postJson(base: string, events: readonly PipelineEvent[]): Promise<Acknowledged> {
  return post(base, "application/json", JSON.stringify(events));
}

async function post(base: string, type: string, body: Buffer | string): Promise<Acknowledged> {
  const response = await fetch(`${base}${EVENTS}`, {
    method: "POST",
    headers: { "content-type": type },
    body: body as BodyInit,
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`POST ${EVENTS} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Acknowledged;
}

export async function getJson<T>(base: string, path: string): Promise<T> {
  const response = await fetch(`${base}${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

export const feedInfo = (base: string): Promise<FeedInfo> => getJson<FeedInfo>(base, `/api/v1/feeds/${FEED}`);

/** Whether accounts, views and all else that people decide can be read and written. */
export const hasControlPlane = async (base: string): Promise<boolean> =>
  (await (await fetch(`${base}/readyz`)).text()).includes("control plane ready");
