/** What open pages do when something is committed: how long until cells are right. */
import { setTimeout as sleep } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright";
import { postJson } from "../support/api-client";
import { randomEvent, type PipelineEvent } from "../support/pipeline-event";
import { seededRandom, type Random } from "../support/random";
import { withPage } from "./browser";
import { PAGE_ROWS, type ServerWithRows } from "./page-rows";
import { summarise, type Figure } from "./report";

const CHANGED_ROWS = 1_000;
const LOAD_PER_S = 100;
const LATENCY_ROWS = 1_000;
const SETTLE_MS = 2_000;
const WAIT_MS = 60_000;

interface FrameMarks {
  /** Frames as they were handed to the page: when (page time, ms), and how many rows. */
  deltas: { at: number; rows: number }[];
}

interface TextMarks {
  /** When a text was first seen in a cell, by the clock that other processes share. */
  seen: Record<string, number>;
  /** When it was first seen in a row that is not a preview. */
  committed: Record<string, number>;
}

/** Notes when the stream hands a frame to the page. Runs in the page. */
function watchFrames(): void {
  const marks = globalThis as unknown as FrameMarks;
  marks.deltas = [];
  const listen = EventTarget.prototype.addEventListener;
  function listenNoted(
    this: EventSource,
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ) {
    const noted = (event: Event) => {
      if (type === "delta") {
        // Parsing is the bench's own work here: the clock starts after it.
        const { up } = JSON.parse((event as MessageEvent<string>).data) as { up: unknown[] };
        marks.deltas.push({ at: performance.now(), rows: up.length });
      }
      if (typeof listener === "function") listener.call(this, event);
      else listener.handleEvent(event);
    };
    listen.call(this, type, noted, options);
  }
  Object.assign(EventSource.prototype, { addEventListener: listenNoted });
}

/** Notes when texts appear. Runs in the page, and only where that is what is timed: it costs the page time. */
export function watchTexts(): void {
  const marks = globalThis as unknown as TextMarks;
  [marks.seen, marks.committed] = [{}, {}];
  const note = (node: Node) => {
    const element = node instanceof Element ? node : node.parentElement;
    const isPreview = element?.closest("tr")?.classList.contains("preview") === true;
    for (const [token] of (node.textContent ?? "").matchAll(/token-\d+/g)) {
      const now = performance.timeOrigin + performance.now();
      marks.seen[token] ??= now;
      if (!isPreview) marks.committed[token] ??= now;
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type !== "childList") note(target);
        for (const node of addedNodes) note(node);
      }
    }).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["class"],
    });
  });
}

/** From the frame's arrival in the page until every changed cell shows what it should. */
export async function thousandChanges(
  browser: Browser,
  { server, events, url }: ServerWithRows,
  rounds: number,
): Promise<Figure[]> {
  const took = await withPage(browser, watchFrames, async (page) => {
    await openLive(page, url(PAGE_ROWS));
    const all: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const changed = changeEvery(events, PAGE_ROWS / CHANGED_ROWS, round);
      const right = page.evaluate(untilRight, {
        rows: CHANGED_ROWS,
        expected: changed.map(({ eventId, errorMessage, status }) => ({
          id: `_${eventId}`,
          error: errorMessage!,
          status,
        })),
      });
      await postJson(server.address, changed);
      const ms = await right;
      if (round > 0) all.push(ms);
      await sleep(SETTLE_MS / 2);
    }
    return all;
  });
  return [
    {
      what: `${CHANGED_ROWS} changed rows of ${PAGE_ROWS} until all cells are right`,
      unit: "ms",
      value: summarise(took),
      goal: 25,
    },
  ];
}

function changeEvery(events: PipelineEvent[], step: number, round: number): PipelineEvent[] {
  return events
    .filter((_, i) => i % step === round % step)
    .slice(0, CHANGED_ROWS)
    .map((event, i) => ({
      ...event,
      status: round % 2 === 0 ? ("FAILED" as const) : ("RETRYING" as const),
      errorMessage: `change ${round} of row ${i}`,
      lastUpdatedAt: Date.now(),
    }));
}

/** Runs in the page. @returns ms from the arrival of the frame with so many rows until the cells are right */
function untilRight({
  rows,
  expected,
}: {
  rows: number;
  expected: { id: string; error: string; status: string }[];
}): Promise<number> {
  const marks = globalThis as unknown as FrameMarks;
  const before = marks.deltas.length;
  // Found before the clock starts; rows stay where they are, and one that was replaced would be no longer connected.
  const rowsToBe = expected.map(({ id }) => document.getElementById(id)!);
  const isRight = ({ error, status }: (typeof expected)[number], tr: HTMLElement) => {
    const text = tr.textContent!;
    return tr.isConnected && text.includes(error) && text.includes(status);
  };
  let right = 0;
  const channel = new MessageChannel();
  const deadline = performance.now() + 30_000;
  return new Promise((resolve, reject) => {
    channel.port1.onmessage = () => {
      const frame = marks.deltas.slice(before).find((delta) => delta.rows >= rows);
      if (frame) while (right < expected.length && isRight(expected[right]!, rowsToBe[right]!)) right++;
      if (frame && right === expected.length) resolve(performance.now() - frame.at);
      else if (performance.now() > deadline)
        reject(new Error(`Only ${right} of ${expected.length} rows became right.`));
      else if (frame) channel.port2.postMessage(0);
      else setTimeout(() => channel.port2.postMessage(0), 1);
    };
    channel.port2.postMessage(0);
  });
}

/** From the 202 of a post to the cell in an open page that shows it. */
export async function postToCell(
  browser: Browser,
  { server, url }: ServerWithRows,
  samples: number,
  load: "idle" | "under load",
): Promise<Figure[]> {
  const random = seededRandom(samples);
  const stop = new AbortController();
  const loading = load === "idle" ? Promise.resolve() : publishSteadily(server.address, random, stop.signal);
  const took: number[] = [];
  try {
    await withPage(browser, watchTexts, async (page) => {
      await openLive(page, url(LATENCY_ROWS));
      for (let i = 0; i < samples; i++) took.push(await oneSample(page, server.address, random, `${i}`));
    });
  } finally {
    stop.abort();
    await loading;
  }
  const goal = load === "idle" ? 200 : 500;
  const name = load === "idle" ? "idle feed" : `${LOAD_PER_S} events/s`;
  const value = summarise(took);
  return [
    { what: `POST accepted to cell changed, ${name}`, unit: "ms", value, goal },
    { what: `the same, ${name}, 99 of 100`, unit: "ms", value, goal: 1_200, judged: "p99" },
  ];
}

/** A new event, and once the page shows it, a newer version: what is timed is the change of its cell. */
async function oneSample(page: Page, base: string, random: Random, name: string): Promise<number> {
  const number = Date.now();
  const event = { ...randomEvent(random, `latency-${name}-${number}`, number), errorMessage: `token-${number}1` };
  await postJson(base, [event]);
  await seenAt(page, `token-${number}1`);
  await sleep(random.int(600, 1_300));
  await postJson(base, [{ ...event, errorMessage: `token-${number}2`, lastUpdatedAt: Date.now() }]);
  const acceptedAt = performance.timeOrigin + performance.now();
  return (await seenAt(page, `token-${number}2`)) - acceptedAt;
}

/** When a text was on the page: seen at all, or in a row that is committed. By the clock that other processes share. */
export async function seenAt(page: Page, token: string, how: keyof TextMarks = "seen"): Promise<number> {
  const seen = await page.waitForFunction(
    ([text, kind]) => (globalThis as unknown as TextMarks)[kind][text],
    [token, how] as const,
    { polling: 100, timeout: WAIT_MS },
  );
  return Number(await seen.jsonValue());
}

export async function openLive(page: Page, address: string): Promise<void> {
  const stream = page.waitForResponse((response) => new URL(response.url()).pathname.endsWith("/live"));
  await page.goto(address, { waitUntil: "load" });
  await stream;
  await page.waitForTimeout(SETTLE_MS);
}

/** Single events, one post each, at an even pace. */
async function publishSteadily(base: string, random: Random, stop: AbortSignal): Promise<void> {
  const begun = performance.now();
  const posts: Promise<unknown>[] = [];
  for (let i = 0; !stop.aborted; i++) {
    await sleep(Math.max(0, begun + (i * 1_000) / LOAD_PER_S - performance.now()));
    posts.push(postJson(base, [randomEvent(random, randomUUID(), Date.now())]));
  }
  await Promise.all(posts);
}
