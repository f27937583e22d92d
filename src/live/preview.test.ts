import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { keyOf } from "../model/feed";
import type { Row } from "../model/value";
import { PreviewLane, type PreviewFrame } from "./preview";

const row = (eventId: string, more: Parameters<typeof eventRow>[0] = {}): Row => eventRow({ eventId, ...more });

function lane(committed: readonly Row[] = [], last: Row | null = null) {
  const told: PreviewFrame[] = [];
  const view = new Map(committed.map((one) => [keyOf(pipelineFeed, one), one]));
  const own = new PreviewLane({
    feed: pipelineFeed,
    committed: () => ({ row: (key) => view.get(key) ?? null, last: () => last }),
    tell: (frame) => told.push(frame),
  });
  return { own, told };
}

describe("the preview of what is accepted and not committed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("says nothing of what is committed within a second", () => {
    const { own, told } = lane();
    own.staged("a.avro", [row("e-1")]);
    vi.advanceTimersByTime(999);
    own.unstaged("a.avro");
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });

  it("shows the newest version of each key that waits longer", () => {
    const { own, told } = lane();
    const late = row("e-1", { lastUpdatedAt: NINE + 2 });
    own.staged("a.avro", [late, row("e-1", { lastUpdatedAt: NINE + 1 })]);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([{ up: [late], del: [] }]);
    expect(own.rows()).toEqual([late]);
  });

  it("leaves out versions that lose, and messages that are known", () => {
    const known = row("e-1", { lastUpdatedAt: NINE + 2 });
    const { own, told } = lane([known]);
    own.staged("a.avro", [row("e-1", { lastUpdatedAt: NINE + 1 }), [...known]]);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([]);
  });

  it("leaves out what lies behind the view, loads of data, and more than a page can show", () => {
    const { own, told } = lane([], row("e-9", { eventTimestamp: NINE }));
    own.staged("old.avro", [row("e-1", { eventTimestamp: NINE - 1 })]);
    own.staged(
      "load.avro",
      Array.from({ length: 501 }, (_, i) => row(`l-${i}`)),
    );
    for (const file of ["a", "b", "c"])
      own.staged(file, Array.from({ length: 400 }, (_, i) => row(`${file}-${i}`, { eventTimestamp: NINE + 1 }))); // prettier-ignore
    vi.advanceTimersByTime(1_000);
    expect(told.map(({ up }) => up.length)).toEqual([400, 400]);
  });

  it("ends silently when the commit has told the row, or a newer one", () => {
    const { own, told } = lane();
    own.staged("a.avro", [row("e-1"), row("e-2")]);
    vi.advanceTimersByTime(1_000);
    own.unstaged("a.avro");
    own.committed([row("e-1"), row("e-2", { lastUpdatedAt: NINE + 60_000 })], []);
    vi.advanceTimersByTime(60_000);
    expect(told).toHaveLength(1);
    expect(own.rows()).toEqual([]);
  });

  it("is taken back when its file is gone and no commit has told its row", () => {
    const { own, told } = lane();
    own.staged("a.avro", [row("e-1")]);
    vi.advanceTimersByTime(1_000);
    own.unstaged("a.avro");
    vi.advanceTimersByTime(5_000);
    expect(told.at(-1)).toEqual({ up: [], del: ["e-1"] });
    expect(own.rows()).toEqual([]);
  });

  it("stays while its file waits, however long that takes", () => {
    const { own } = lane();
    own.staged("a.avro", [row("e-1")]);
    vi.advanceTimersByTime(600_000);
    expect(own.rows()).toHaveLength(1);
  });
});
