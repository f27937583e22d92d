/**
 * A history with everything that makes folding hard: late and repeated messages, ties that only rank or arrival decides,
 * rows that move to another day, nulls, and text beyond ASCII. The same seed gives the same history.
 */
import type { Row, WireValue } from "~/model/value";
import { eventRow, NINE } from "../support/pipeline-feed";
import { seededRandom, type Random } from "../support/random";

export const HOUR = 3_600_000;

export interface GeneratedCommit {
  /** Ms after the first commit. */
  at: number;
  rows: Row[];
}

const STATUSES = ["STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"];
const ERRORS = [
  "Connection reset by peer",
  "No space left on device 💥",
  "Überlauf in 'Spalte' %_\\",
  "",
  "a\0b",
  "\u0001",
];

interface Event {
  id: string;
  time: number;
  updatedAt: number;
  sent: Row[];
}

export function generatedHistory(
  seed: number,
  { commits = 60, perCommit = 34, gapMs = 60_000 } = {},
): GeneratedCommit[] {
  const random = seededRandom(seed);
  const events: Event[] = [];
  return Array.from({ length: commits }, (_, n) => {
    const now = NINE + n * gapMs;
    const rows = Array.from({ length: random.int(1, 2 * perCommit) }, () => message(random, events, now));
    return { at: n * gapMs, rows };
  });
}

function message(random: Random, events: Event[], now: number): Row {
  const kind = random.next();
  if (events.length === 0 || kind < 0.55) return send(random, newEvent(random, events, now), {});
  const event = random.pick(events.slice(-400));
  if (kind < 0.62) return random.pick(event.sent);
  if (kind < 0.7) return send(random, event, { lastUpdatedAt: event.updatedAt - random.int(1, 5_000) });
  if (kind < 0.8) return send(random, event, { lastUpdatedAt: event.updatedAt });
  if (kind < 0.84) event.time += random.pick([-48, -24, -1, 24]) * HOUR;
  event.updatedAt += random.int(1, 60_000);
  return send(random, event, {});
}

function newEvent(random: Random, events: Event[], now: number): Event {
  const time = now - random.pick([0, 1, 1_000, 10 * 60_000, HOUR, 26 * HOUR, 70 * HOUR]);
  const event = { id: `e-${String(events.length).padStart(4, "0")}`, time, updatedAt: time, sent: [] };
  events.push(event);
  return event;
}

function send(random: Random, event: Event, values: Record<string, WireValue>): Row {
  const status = random.pick(STATUSES);
  const row = eventRow({
    eventId: event.id,
    correlationId: `batch-${random.int(1, 20)}`,
    pipelineName: random.pick(["orders", "users", "Zahlungen 💶"]),
    stageName: random.pick(["extract", "load"]),
    status,
    eventTimestamp: event.time,
    lastUpdatedAt: event.updatedAt,
    errorMessage: status === "FAILED" ? random.pick(ERRORS) : null,
    processedRecordCount: random.pick([null, 0, random.int(1, 1e6), "9007199254740993"]),
    qualityScore: random.pick([null, 0.5, 1, "NaN"]),
    attempt: random.pick([null, 1, 2]),
    labels: random.pick([null, {}, { env: "prod", team: "datenfluß" }]),
    ...values,
  });
  event.sent.push(row);
  return row;
}
