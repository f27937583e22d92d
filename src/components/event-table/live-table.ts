/** The browser's side of a page's table: the markup, its patcher and the rules of following, joined. */
import type { ViewDelta } from "~/model/delta";
import { matcher } from "~/model/filter";
import { instantMs } from "~/model/instant";
import { parsePosition } from "~/model/position";
import type { Row, WireValue } from "~/model/value";
import type { PreviewFrame } from "../live/open-live";
import type { FollowSpec } from "./follow-spec";
import { followTable } from "./follow";
import { createEventTable } from "./patcher";

export interface LiveTable {
  spec: FollowSpec;
  apply(delta: ViewDelta): void;
  /** What is accepted and not committed; null = what was shown so is not known any more. */
  preview(frame: PreviewFrame | null): void;
  release(): void;
  close(): void;
}

/** A table that ran short is filled up at most this often. */
const REFILL_MS = 1_000;
/** Rows are read ahead for so long at a time: a key that is pressed meanwhile waits no longer. */
const READ_MS = 8;

/**
 * @param onWaiting told how many changes wait because somebody reads
 * @param onRows told the number of rows on the page
 * @returns null when the page is not one that follows
 */
export function liveTable(
  root: HTMLElement,
  onWaiting: (count: number) => void,
  onRows: (count: number) => void,
): LiveTable | null {
  const text = root.dataset["follow"];
  if (!text) return null;
  const spec = JSON.parse(text) as FollowSpec;
  const { shape, limit } = spec;
  const table = createEventTable(root, shape, { limit, complete: spec.complete });
  const reading = watchReading(root);
  let refillTimer: ReturnType<typeof setTimeout> | null = null;
  let position = spec.position;
  let isClosed = false;

  const refillSoon = () => {
    if (!isClosed) refillTimer ??= setTimeout(() => void refill(), REFILL_MS);
  };
  const refill = async () => {
    refillTimer = null;
    const last = table.last();
    const missing = limit - table.count();
    if (missing <= 0 || table.isComplete()) return;
    const query = new URLSearchParams(spec.query);
    query.delete("cols"); // whole rows: their keys are needed, and columns that are not shown may hold them
    if (shape.sort === undefined) {
      query.set("at", position);
      // Rows of the same millisecond as the last one come again and are recognised by their key.
      if (last) query.set("to", String(last.time + 1));
      query.set("limit", String(Math.min(missing + 100, 5_000)));
    } else query.set("limit", String(limit));
    const found = await askRows(`/api/v1/feeds/${shape.feed}/rows?${query.toString()}`);
    if (found === null) return;
    // Sorted rows are asked of the present alone, which is in memory: if it is not of where this page stands, once more.
    if (shape.sort !== undefined && found.position !== position) return refillSoon();
    table.refill(
      found.rows.map((row) => shape.fields.map(({ name }) => row[name] ?? null)),
      found.next === null,
    );
    onRows(table.count());
  };
  const follower = followTable({
    shape,
    table,
    matches: matcher(shape, spec.filter),
    windowMs: spec.filter.windowMs,
    limit,
    isHeld: () => reading.isHeld(),
    onWaiting,
    schedule: (flush) => flush(),
    onShort: refillSoon,
  });

  // Where a browser has no idle time to give, rows are read when they change.
  const readOn = (deadline: IdleDeadline) => {
    const end = performance.now() + READ_MS;
    const hasTime = () => performance.now() < end && deadline.timeRemaining() > 1;
    if (!isClosed && table.readAhead(hasTime)) requestIdleCallback(readOn);
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(readOn);

  return {
    spec,
    apply(delta) {
      position = delta.to;
      const { instant } = parsePosition(delta.to)!;
      follower.frame({ ...delta, instantMs: instantMs(instant) ?? 0 });
      onRows(table.count());
    },
    preview(frame) {
      follower.preview(frame?.up ?? [], frame && frame.del);
      onRows(table.count());
    },
    release() {
      root.querySelector("tr.picked")?.classList.remove("picked");
      follower.release();
      onRows(table.count());
    },
    close() {
      isClosed = true;
      reading.close();
      if (refillTimer !== null) clearTimeout(refillTimer);
    },
  };
}

interface RowsAnswer {
  position: string;
  rows: Record<string, WireValue>[];
  next: string | null;
}

/** Null when they cannot be had: the stream tells of a broken link by itself, and a table that is short asks again. */
async function askRows(path: string): Promise<RowsAnswer | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? ((await answer.json()) as RowsAnswer) : null;
  } catch {
    return null;
  }
}

/** Event time of the newest row of a feed's delta. */
export const newestOf = (rows: readonly Row[], eventTime: number): number | null =>
  rows.length === 0 ? null : rows.reduce((newest, row) => Math.max(newest, row[eventTime] as number), -Infinity);

/** Somebody reads when the start of the table is above the window, or a row is picked. */
function watchReading(root: HTMLElement) {
  const start = document.createElement("div");
  root.before(start);
  let isAbove = false;
  const observer = new IntersectionObserver(([entry]) => {
    isAbove = entry !== undefined && !entry.isIntersecting && entry.boundingClientRect.top < 0;
  });
  observer.observe(start);
  return {
    isHeld: () => isAbove || root.querySelector("tr.picked") !== null,
    close: () => {
      observer.disconnect();
      start.remove();
    },
  };
}
