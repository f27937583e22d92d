/**
 * A publisher as they are in the field: new events, newer versions, late and older ones, the same thing twice, versions that
 * only the status or only the arrival can order, in JSON and in Avro. When the server goes away in the middle of a request it
 * does not know whether that was taken; mostly it sends the same again, sometimes it never does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { encodeContainer } from "../avro-container";
import { postContainer, postJson } from "../api-client";
import { nextVersion, pipelineEvent, randomEvent, STATUSES, type PipelineEvent } from "../pipeline-event";
import type { Random } from "../random";
import type { Promises } from "./promises";

const MAX_BATCH = 80;
const MAX_PAUSE_MS = 25;
const KNOWN = 400;
const DAY_MS = 86_400_000;

export interface PublisherParts {
  name: string;
  random: Random;
  promises: Promises;
  /** The address of the server; waits while there is none. */
  address(): Promise<string>;
  /** Ends the publisher, after the request that it is in the middle of: what a server has received it may stage later. */
  stop: AbortSignal;
}

export async function publishUntilStopped(parts: PublisherParts): Promise<void> {
  const { random, promises, stop } = parts;
  const known: PipelineEvent[] = [];
  let number = 0;
  const newId = () => `${parts.name}-${(number++).toString(36)}`;
  while (!stop.aborted) {
    const size = random.int(1, MAX_BATCH);
    const batch = Array.from({ length: size }, () => message(random, known, newId));
    promises.send(batch);
    const post = await encoded(batch, random.chance(0.5));
    do {
      try {
        const { rejected } = await post(await parts.address());
        if (rejected.length > 0) throw new Refused(`${rejected[0]!.reason} (of a message that is correct)`);
        promises.acknowledge(batch);
        break;
      } catch (error) {
        if (stop.aborted) return;
        if (!isBrokenConnection(error)) throw error;
      }
    } while (random.chance(0.8));
    await sleep(random.int(0, MAX_PAUSE_MS));
  }
}

class Refused extends Error {}

/** fetch tells of refused and broken connections with a TypeError; every answer that is not 202 is an error of another kind. */
const isBrokenConnection = (error: unknown): boolean => error instanceof TypeError;

async function encoded(batch: readonly PipelineEvent[], asAvro: boolean) {
  if (!asAvro) return (base: string) => postJson(base, batch);
  const container = await encodeContainer(batch);
  return (base: string) => postContainer(base, container);
}

function message(random: Random, known: PipelineEvent[], newId: () => string): PipelineEvent {
  const now = Date.now();
  if (known.length === 0 || random.chance(0.6)) {
    const at = random.chance(0.05) ? now - random.int(1, 3) * DAY_MS : now - random.int(0, 5_000);
    return remember(random, known, randomEvent(random, newId(), at));
  }
  const i = random.int(0, known.length - 1);
  const event = known[i]!;
  const kind = random.next();
  if (kind < 0.5) return (known[i] = nextVersion(random, event, Math.max(now, event.lastUpdatedAt + 1)));
  if (kind < 0.7) return { ...event, lastUpdatedAt: event.lastUpdatedAt - random.int(1, 5_000), status: "STARTED" };
  if (kind < 0.8) return { ...event, status: random.pick(STATUSES) };
  if (kind < 0.9) return { ...event, processedRecordCount: random.int(0, 1_000_000) };
  return event;
}

function remember(random: Random, known: PipelineEvent[], event: PipelineEvent): PipelineEvent {
  if (known.length < KNOWN) known.push(event);
  else known[random.int(0, KNOWN - 1)] = event;
  return pipelineEvent(event);
}
