/** Each check on recorded facts: within its limit, past it, far past it, and where nothing is known. */
import { describe, expect, it } from "vitest";
import { instantAt, timeOf } from "../instant";
import { bytesText, factorText, msText, percentText } from "./amounts";
import { bySeverity, percentile, worstOf, type CheckState } from "./check";
import { trendOf } from "./commits";
import type { CommitFact, DuplicateFacts, FeedFacts, InstantFact, TableFacts } from "./facts";
import { allChecks, healthLine } from "./health";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const MINUTE = 60_000;
const MIB = 2 ** 20;

const instant = (agoMs: number, more: Partial<InstantFact> = {}): InstantFact => ({
  instant: instantAt(NOW - agoMs),
  action: "commit",
  state: "COMPLETED",
  completedAt: NOW - agoMs + 100,
  ...more,
});

const commit = (agoMs: number, more: Partial<CommitFact> = {}): CommitFact => ({
  instant: instantAt(NOW - agoMs),
  completedAt: NOW - agoMs + 100,
  action: "commit",
  operation: "UPSERT",
  inserted: 10,
  updated: 0,
  deleted: 0,
  files: 1,
  bytesWritten: 1_000,
  bytesNew: 500,
  partitions: 1,
  batches: 1,
  ...more,
});

const table = (more: Partial<TableFacts> = {}): TableFacts => ({
  role: "state",
  name: "pipeline_events",
  isOurs: true,
  asOf: null,
  now: NOW,
  instants: { value: [instant(2_000), instant(1_000)] },
  commits: { value: [commit(2_000), commit(1_000)] },
  files: { value: filesOf([1_000_000, 2_000_000]) },
  clean: { value: { last: null, next: { value: { files: 0, bytes: 0, keptSince: null } } } },
  archive: { value: { files: 0, bytes: 0, newestAt: null } },
  heartbeats: { value: [] },
  locks: { value: [] },
  properties: { value: propertiesOf({}) },
  ...more,
});

const filesOf = (sizes: number[], superseded = { files: 0, bytes: 0 }) => ({
  sizes,
  partitions: [{ partition: "event_date=2026-11-21", files: sizes.length, bytes: sizes.reduce((a, b) => a + b, 0) }],
  superseded,
});

const propertiesOf = (more: object) => ({
  version: 6,
  recordKey: ["eventId"],
  partitions: ["event_date"],
  ordering: ["lastUpdatedAt"],
  all: new Map([["hoodie.table.timeline.timezone", "UTC"]]),
  ...more,
});

const feed = (more: Partial<FeedFacts> = {}): FeedFacts => ({
  feed: "pipeline_events",
  now: NOW,
  isPast: false,
  head: { instant: instantAt(NOW - 1_000), committedAt: NOW - 900 },
  staged: { events: 0, oldestAt: null },
  reach: { value: instantAt(NOW - 3_600_000) },
  promisedReachMs: 30 * 86_400_000,
  expects: { key: "eventId", ordering: "lastUpdatedAt", partition: "event_date" },
  tables: [table()],
  ...more,
});

function checked(
  id: string,
  of: Partial<TableFacts> | { feed: Partial<FeedFacts> },
  found: DuplicateFacts | null = null,
) {
  const facts = "feed" in of ? feed(of.feed) : feed({ tables: [table(of)] });
  return allChecks(facts, found).find((check) => check.id === id)!;
}

const slow = (ms: number, count = 30) =>
  Array.from({ length: count }, (_, i) =>
    commit((count - i) * 60_000, { completedAt: NOW - (count - i) * 60_000 + ms }),
  );
const pending = (agoMs: number, action = "commit") => instant(agoMs, { action, state: "INFLIGHT", completedAt: null });

// prettier-ignore
const CASES: [string, string, Partial<TableFacts> | { feed: Partial<FeedFacts> }, CheckState, RegExp][] = [
  ["commit-age", "nothing waits", {}, "ok", /^900 ms, nothing waits$/],
  ["commit-age", "what is staged waits", { feed: { staged: { events: 7, oldestAt: NOW - 20_000 } } }, "watch", /7 events wait, the oldest for 20 s/],
  ["commit-age", "what is staged waits for long", { feed: { staged: { events: 1, oldestAt: NOW - 180_000 } } }, "bad", /1 event wait/],
  ["commit-age", "others commit as ever", { feed: { staged: null } }, "ok", /usually 1\.0 s pass/],
  ["commit-age", "others have stopped", { feed: { staged: null, head: { instant: null, committedAt: NOW - 6 * MINUTE } } }, "bad", /^6 min/],
  ["commit-age", "nothing was committed", { feed: { head: { instant: null, committedAt: null } } }, "note", /nothing was committed yet/],
  ["commit-age", "of the past", { feed: { isPast: true } }, "note", /before this page's time/],
  ["reach", "it reaches back", {}, "note", /^60 min, to 2026-11-21 11:\d\d UTC$/],
  ["reach", "the engine is away", { feed: { reach: { unknown: "Spark is away" } } }, "unknown", /not known here: Spark is away/],
  ["commit-gap", "two commits", {}, "ok", /^p50 1\.0 s · p99 1\.0 s$/],
  ["commit-gap", "one commit", { instants: { value: [instant(1_000)] } }, "note", /fewer than two commits/],
  ["commit-duration", "quick", {}, "ok", /^p50 100 ms/],
  ["commit-duration", "slow", { commits: { value: slow(6_000) } }, "watch", /p99 6\.0 s · steady/],
  ["commit-duration", "very slow", { commits: { value: slow(40_000) } }, "bad", /p99 40 s/],
  ["commit-duration", "ever slower", { commits: { value: [...slow(500).slice(0, 14), ...slow(1_500).slice(14)] } }, "watch", /rising \(3\.0×\)/],
  ["pending", "under way", { instants: { value: [pending(1_000)] } }, "ok", /^commit inflight · the oldest for 1\.0 s$/],
  ["pending", "left behind", { instants: { value: [pending(11 * MINUTE)] } }, "watch", /11 min/],
  ["pending", "long left behind", { instants: { value: [pending(61 * MINUTE)] } }, "bad", /61 min/],
  ["failed", "a rollback", { instants: { value: [instant(9_000, { action: "rollback" })] } }, "watch", /^1 rollback · the newest 9\.0 s ago$/],
  ["failed", "a restore", { instants: { value: [instant(9_000, { action: "restore" })] } }, "bad", /0 rollbacks, 1 restore/],
  ["clean", "much is superseded", { files: { value: filesOf([1], { files: 9, bytes: 600 * MIB }) } }, "watch", /9 superseded files \(629 MB\)/],
  ["clean", "others decide", { clean: { value: { last: { instant: instantAt(NOW - MINUTE), completedAt: NOW - MINUTE, filesDeleted: 3, keptSince: null }, next: { unknown: "its settings" } } } }, "ok", /^last 60 s ago, 3 files · what the next one removes is not known here: its settings/],
  ["timeline", "long", { instants: { value: Array.from({ length: 3_001 }, (_, i) => instant(10_000_000 - i)) } }, "watch", /^3,001 actions/],
  ["timeline", "with an archive", { archive: { value: { files: 2, bytes: 4_000, newestAt: NOW - MINUTE } } }, "ok", /archive of 2 files \(4\.0 kB\), the newest 60 s ago/],
  ["savepoints", "one", { instants: { value: [instant(60 * MINUTE, { action: "savepoint" })] } }, "watch", /^1, the oldest holds back archiving since 60 min$/],
  ["small-files", "many", { files: { value: filesOf(Array.from({ length: 1_001 }, () => 9)) } }, "watch", /^1,001, 100 % of 1,001 files$/],
  ["small-files", "far too many", { files: { value: filesOf(Array.from({ length: 10_001 }, () => 9)) } }, "bad", /10,001/],
  ["file-size", "huge", { files: { value: filesOf([2 ** 31]) } }, "watch", /p90 2\.1 GB/],
  ["file-size", "none", { files: { value: { ...filesOf([]), partitions: [] } } }, "note", /no file yet/],
  ["skew", "few partitions", {}, "note", /the only one|largest partition 1\.0×/],
  ["skew", "one of them large", { files: { value: { ...filesOf([1, 2, 3, 60]), partitions: [1, 2, 3, 60].map((bytes, i) => ({ partition: `p=${i}`, files: 1, bytes })) } } }, "watch", /30× the median \(p=3, 60 B\)/],
  ["amplification", "half is copied", {}, "ok", /^2\.0× · 1\.0 kB a commit · of 2 commits$/],
  ["amplification", "nearly all is copied", { commits: { value: [commit(1, { bytesNew: 1 })] } }, "watch", /1,000×/],
  ["amplification", "nobody counts", { commits: { value: [commit(1, { bytesNew: null })] } }, "unknown", /counts no rows per file/],
  ["amplification", "nothing was written", { commits: { value: [] } }, "note", /no commit on the timeline wrote rows/],
  ["partitions-touched", "a backfill", { commits: { value: [commit(1, { partitions: 30 })] } }, "watch", /most 30/],
  ["properties", "as expected", {}, "ok", /^version 6$/],
  ["properties", "in another zone", { properties: { value: propertiesOf({ all: new Map() }) } }, "bad", /kept in the zone LOCAL/],
  ["properties", "keyed otherwise", { properties: { value: propertiesOf({ recordKey: ["id"] }) } }, "bad", /record key id and not eventId/],
  ["properties", "others without order", { isOurs: false, properties: { value: propertiesOf({ ordering: [] }) } }, "watch", /it has no ordering field/],
  ["locks", "a living writer", { heartbeats: { value: [{ instant: "1", ageMs: 1_000 }] } }, "ok", /^1 heartbeat · 0 locks$/],
  ["locks", "a silent writer", { heartbeats: { value: [{ instant: "1", ageMs: 3 * MINUTE }] } }, "watch", /1 of them silent/],
  ["locks", "an old lock", { locks: { value: [{ name: "lock", ageMs: 6 * MINUTE }] } }, "bad", /1 lock, 1 of them old/],
  ["services", "a plan", { instants: { value: [pending(61 * MINUTE, "clustering")] } }, "watch", /^1 plan, the oldest waits for 61 min$/],
  ["services", "an old plan", { instants: { value: [pending(25 * 60 * MINUTE, "compaction")] } }, "bad", /1 plan/],
];

describe("a check", () => {
  it.each(CASES)("%s: %s", (id, _what, of, state, value) => {
    const check = checked(id, of);
    expect([check.state, check.value]).toEqual([state, expect.stringMatching(value)]);
  });

  it("says of every fact that is not known that it is not, and why", () => {
    const unknown = { unknown: "nobody knows" };
    const nothing = { instants: unknown, commits: unknown, files: unknown, clean: unknown, archive: unknown, heartbeats: unknown, locks: unknown, properties: unknown }; // prettier-ignore
    const checks = allChecks(feed({ tables: [table(nothing)] }), null).filter((check) => check.table !== null);
    expect(checks.map(({ state }) => state)).toEqual(checks.map(() => "unknown"));
    expect(checks.every(({ value, number }) => value === "not known here: nobody knows" && number === null)).toBe(true);
    const line = healthLine(feed({ tables: [table(nothing)] }));
    expect(line).toMatchObject({ smallFiles: null, durationP99Ms: null, pending: null, clean: "unknown", worst: "ok" });
  });

  it("has a limit or is for information, and always says why and what to do", () => {
    for (const check of allChecks(feed(), null)) {
      expect([check.id, check.why.endsWith("."), check.cure.length > 20]).toEqual([check.id, true, true]);
      expect(check.limit !== null || check.state === "note" || check.state === "unknown").toBe(true);
    }
  });

  it("counts duplicates when it is asked, and names some", () => {
    const found: DuplicateFacts = { kind: "counted", rows: 9, keys: 2, examples: [{ key: "a", partitions: ["p=1", "p=2"] }] }; // prettier-ignore
    expect(checked("duplicates", {}, found)).toMatchObject({ state: "bad", number: 2, value: "2 keys among 9 rows: a in p=1 and p=2; …" }); // prettier-ignore
    expect(checked("duplicates", {}, { kind: "counted", rows: 9, keys: 0, examples: [] }).state).toBe("ok");
    expect(checked("duplicates", {}, { kind: "not-counted", why: "too large" }).state).toBe("unknown");
    expect(checked("duplicates", {}).state).toBe("note");
  });
});

describe("the line of a table", () => {
  it("names what is past its limit, the worst first", () => {
    const sick = table({ instants: { value: [pending(2 * 3_600_000), instant(9_000, { action: "rollback" })] } });
    expect(healthLine(feed({ tables: [sick] }))).toMatchObject({
      worst: "bad",
      past: ["Begun and not completed", "Failed and rolled back"],
      pending: 1,
      durationP99Ms: 100,
    });
  });
});

it("tells amounts as people read them", () => {
  expect([msText(840), msText(1_400), msText(42_000), msText(720_000), msText(12_600_000), msText(180_000_000)]).toEqual(["840 ms", "1.4 s", "42 s", "12 min", "3.5 h", "2.1 d"]); // prettier-ignore
  expect([bytesText(640), bytesText(1_200_000), bytesText(5e18)]).toEqual(["640 B", "1.2 MB", "5000 PB"]);
  expect([factorText(1.44), factorText(12_000), percentText(0.021), percentText(0.5)]).toEqual(["1.4×", "12,000×", "2.1 %", "50 %"]); // prettier-ignore
  expect([percentile([1, 2, 3, 4], 0.5), percentile([], 0.5), percentile([7], 0.99)]).toEqual([2, null, 7]);
  expect([trendOf([1, 2]), trendOf(Array.from({ length: 20 }, (_, i) => (i < 10 ? 2 : 6)))]).toEqual([null, 3]);
});

it("puts the worst first, and what is not known makes nothing sick", () => {
  const of = (state: CheckState) => ({ ...checked("pending", {}), state });
  expect(bySeverity([of("ok"), of("bad"), of("watch")]).map(({ state }) => state)).toEqual(["bad", "watch", "ok"]);
  expect(worstOf([of("unknown"), of("note")])).toBe("ok");
  expect(timeOf(instantAt(NOW))).toBe(NOW);
});
