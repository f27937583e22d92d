/** Whether a table is kept in order: cleaned, archived, unlocked, readable as far back as it should be, and as writers expect it. */
import { timeOf } from "../instant";
import { bytesText, countOf, countText, minuteText, msText } from "./amounts";
import { atMost, notKnown, told, type Check, type CheckState } from "./check";
import { completedCommits } from "./commits";
import type { FeedFacts, PropertyFacts, TableFacts } from "./facts";

const MINUTE = 60_000;
const SUPERSEDED_BYTES = 512 * 2 ** 20;
const SUPERSEDED_BAD_BYTES = 8 * 2 ** 30;
export const TIMELINE_LIMIT = 3_000;
const TIMELINE_BAD = 20_000;
const HEARTBEAT_DEAD_MS = 2 * MINUTE;
const LOCK_OLD_MS = 5 * MINUTE;
const SERVICE_OLD_MS = 60 * MINUTE;
const SERVICE_BAD_MS = 24 * 60 * MINUTE;
const SERVICES = new Set(["compaction", "logcompaction", "clustering", "indexing"]);
const MOST_NAMED = 5;

export function cleaner(table: TableFacts): Check {
  const about = {
    id: "clean",
    table: table.role,
    title: "Cleaner",
    limit: `superseded files of at most ${bytesText(SUPERSEDED_BYTES)}`,
    why: "Each commit leaves the files that it replaced. Until a clean removes them they cost storage, and every listing is longer.",
    cure: table.isOurs
      ? "Weir cleans by itself behind WEIR_RETAIN. A savepoint keeps everything: delete it when it is not needed. A clean that is pending is finished at the next commit."
      : "Let its writer clean (hoodie.clean.automatic), or run CALL run_clean on it.",
  };
  if (table.clean.unknown !== undefined) return notKnown(about, table.clean.unknown);
  const { last, next } = table.clean.value;
  const done =
    last === null
      ? "none on the timeline"
      : `last ${msText(Math.max(0, table.now - (last.completedAt ?? timeOf(last.instant))))} ago, ${countOf(last.filesDeleted, "file")}`;
  const coming =
    next.unknown !== undefined
      ? `what the next one removes is not known here: ${next.unknown}`
      : `the next removes ${countOf(next.value.files, "file")} (${bytesText(next.value.bytes)})`;
  const superseded = table.files.unknown === undefined ? table.files.value.superseded : null;
  const left = superseded === null ? "" : ` · ${countOf(superseded.files, "superseded file")} (${bytesText(superseded.bytes)})`; // prettier-ignore
  const state: CheckState =
    superseded === null ? "note" : atMost(superseded.bytes, SUPERSEDED_BYTES, SUPERSEDED_BAD_BYTES);
  const instants = last === null ? [] : [last.instant];
  return told(about, { state, number: superseded?.bytes ?? null, unit: "bytes", value: `${done} · ${coming}${left}`, instants }); // prettier-ignore
}

export function activeTimeline(table: TableFacts): Check {
  const about = {
    id: "timeline",
    table: table.role,
    title: "Length of the active timeline",
    limit: `${countText(TIMELINE_LIMIT)} actions`,
    why: "Every reader lists all of it before it reads anything, three files an action.",
    cure: table.isOurs
      ? "Weir shortens it behind WEIR_RETAIN; a pending action or a savepoint stops that (see there)."
      : "Let its writer archive (hoodie.archive.automatic), and see what blocks it: a pending action or a savepoint.",
  };
  if (table.instants.unknown !== undefined) return notKnown(about, table.instants.unknown);
  const instants = table.instants.value;
  const first = instants[0];
  const reach = first === undefined ? "" : `, back ${msText(Math.max(0, table.now - timeOf(first.instant)))}`;
  const archive =
    table.archive.unknown !== undefined
      ? ` · archive not known here: ${table.archive.unknown}`
      : table.archive.value.files === 0
        ? " · nothing archived"
        : ` · archive of ${countOf(table.archive.value.files, "file")} (${bytesText(table.archive.value.bytes)})${table.archive.value.newestAt === null ? "" : `, the newest ${msText(Math.max(0, table.now - table.archive.value.newestAt))} ago`}`; // prettier-ignore
  const state = atMost(instants.length, TIMELINE_LIMIT, TIMELINE_BAD);
  return told(about, { state, number: instants.length, unit: "count", value: `${countOf(instants.length, "action")}${reach}${archive}` }); // prettier-ignore
}

export function savepoints(table: TableFacts): Check {
  const about = {
    id: "savepoints",
    table: table.role,
    title: "Savepoints",
    limit: "none that nobody needs",
    why: "A savepoint keeps its files for ever, and nothing after it can be archived.",
    cure: table.isOurs
      ? "An instant is kept by pinning it, which holds nothing back. Delete savepoints with CALL delete_savepoint."
      : "Delete those that are not needed any more with CALL delete_savepoint.",
  };
  if (table.instants.unknown !== undefined) return notKnown(about, table.instants.unknown);
  const found = table.instants.value.filter(({ action }) => action === "savepoint");
  if (found.length === 0) return told(about, { state: "ok", number: 0, unit: "count", value: "none" });
  const oldest = msText(Math.max(0, table.now - timeOf(found[0]!.instant)));
  return told(about, {
    state: "watch",
    number: found.length,
    unit: "count",
    value: `${countText(found.length)}, the oldest holds back archiving since ${oldest}`,
    instants: found.slice(0, MOST_NAMED).map(({ instant }) => instant),
  });
}

/** Compaction and clustering that is planned and not done. */
export function tableServices(table: TableFacts): Check {
  const about = {
    id: "services",
    table: table.role,
    title: "Pending compaction and clustering",
    limit: `none older than ${msText(SERVICE_OLD_MS)}`,
    why: "A plan that nobody carries out blocks the file groups that it names, and archiving behind it.",
    cure: "Weir plans neither. Let the service that planned it run (CALL run_clustering, CALL run_compaction), or roll its plan back.",
  };
  if (table.instants.unknown !== undefined) return notKnown(about, table.instants.unknown);
  const found = table.instants.value.filter(({ action, state }) => state !== "COMPLETED" && SERVICES.has(action));
  if (found.length === 0) return told(about, { state: "ok", number: 0, unit: "count", value: "none" });
  const oldest = Math.max(0, table.now - timeOf(found[0]!.instant));
  return told(about, {
    state: atMost(oldest, SERVICE_OLD_MS, SERVICE_BAD_MS),
    number: found.length,
    unit: "count",
    value: `${countOf(found.length, "plan")}, the oldest waits for ${msText(oldest)}`,
    instants: found.slice(0, MOST_NAMED).map(({ instant }) => instant),
  });
}

export function locksAndHeartbeats(table: TableFacts): Check {
  const about = {
    id: "locks",
    table: table.role,
    title: "Locks and heartbeats",
    limit: `no heartbeat silent for ${msText(HEARTBEAT_DEAD_MS)}, no lock older than ${msText(LOCK_OLD_MS)}`,
    why: "A writer shows that it lives by its heartbeat; one that died leaves a pending commit, and perhaps a lock that stops all others.",
    cure: "See whether that writer still runs. If not, its next start rolls its commit back; a lock file of a dead writer is deleted by hand.",
  };
  if (table.heartbeats.unknown !== undefined) return notKnown(about, table.heartbeats.unknown);
  if (table.locks.unknown !== undefined) return notKnown(about, table.locks.unknown);
  const [beats, locks] = [table.heartbeats.value, table.locks.value];
  if (beats.length + locks.length === 0) return told(about, { state: "ok", number: 0, unit: "count", value: "none" });
  const dead = beats.filter(({ ageMs }) => ageMs > HEARTBEAT_DEAD_MS);
  const old = locks.filter(({ ageMs }) => ageMs > LOCK_OLD_MS);
  const parts = [
    countOf(beats.length, "heartbeat") + (dead.length > 0 ? `, ${countText(dead.length)} of them silent` : ""),
    countOf(locks.length, "lock") + (old.length > 0 ? `, ${countText(old.length)} of them old` : ""),
  ];
  return told(about, {
    state: old.length > 0 ? "bad" : dead.length > 0 ? "watch" : "ok",
    number: dead.length + old.length,
    unit: "count",
    value: parts.join(" · "),
    instants: dead.slice(0, MOST_NAMED).map(({ instant }) => instant),
  });
}

/** How far back the feed can be read. */
export function timeTravelReach(feed: FeedFacts): Check {
  const { promisedReachMs: promised } = feed;
  const about = {
    id: "reach",
    table: null,
    title: "Time-travel reach",
    limit: promised === null ? null : `${msText(promised)} of history, or everything that there is`,
    why: "Pages, differences and links to moments before it are answered 410.",
    cure:
      promised === null
        ? "As far back as its writer keeps files: hoodie.clean.commits.retained or hoodie.clean.hours.retained. What is to be kept is pinned, where Weir may write."
        : "The history of the feed is declared in its schema (weir.history). An instant that is to be kept for ever is pinned.",
  };
  if (feed.reach.unknown !== undefined) return notKnown(about, feed.reach.unknown);
  const oldest = feed.reach.value;
  if (oldest === null)
    return told(about, { state: "note", number: null, unit: "ms", value: "nothing was committed yet" });
  const reach = Math.max(0, feed.now - timeOf(oldest));
  return told(about, { state: "note", number: reach, unit: "ms", value: `${msText(reach)}, to ${minuteText(oldest)}`, instants: [oldest] }); // prettier-ignore
}

/** What of the table's properties is not what those expect who write and read it here. */
export function expectedProperties(feed: FeedFacts, table: TableFacts): Check {
  const about = {
    id: "properties",
    table: table.role,
    title: "Version and properties",
    limit: table.isOurs
      ? "version 6, without a metadata table, keyed as the feed is"
      : "a key and an order that the feed has",
    why: "An engine that upgraded the table, or gave it a metadata table, hides commits of others; another key makes other rows.",
    cure: table.isOurs
      ? "Tell every other writer: hoodie.write.table.version=6, hoodie.write.auto.upgrade=false, hoodie.metadata.enable=false (hudi-defaults.conf)."
      : "Weir follows such a table by what its schema says; change the schema of the feed if it should be kept as the table is.",
  };
  if (table.properties.unknown !== undefined) return notKnown(about, table.properties.unknown);
  const found = table.properties.value;
  const differences = table.isOurs ? differencesOfOurs(feed, table, found) : differencesOfTheirs(feed, found);
  const version = `version ${found.version}`;
  if (differences.length === 0) return told(about, { state: "ok", number: 0, unit: "count", value: version });
  const state: CheckState = table.isOurs ? "bad" : "watch";
  return told(about, {
    state,
    number: differences.length,
    unit: "count",
    value: [version, ...differences].join(" · "),
  });
}

function differencesOfOurs(feed: FeedFacts, table: TableFacts, found: PropertyFacts): string[] {
  const { key, ordering, partition } = feed.expects;
  const metadata = found.all.get("hoodie.table.metadata.partitions") ?? "";
  const zone = found.all.get("hoodie.table.timeline.timezone") ?? "LOCAL";
  return [
    ...(found.version === 6 ? [] : ["Weir writes version 6"]),
    ...(metadata === "" ? [] : [`it has a metadata table (${metadata})`]),
    ...(found.all.get("hoodie.populate.meta.fields") === "false" ? ["its files lack Hudi's columns"] : []),
    ...(zone === "UTC" ? [] : [`its timeline is kept in the zone ${zone}`]),
    ...differs("record key", found.recordKey, [key]),
    ...differs("ordering field", found.ordering, [ordering]),
    ...(table.role === "log" ? [] : differs("partition field", found.partitions, [partition])),
  ];
}

const differencesOfTheirs = ({ expects }: FeedFacts, found: PropertyFacts): string[] => [
  ...differs("record key", found.recordKey, [expects.key]),
  ...(found.ordering.length === 0 ? ["it has no ordering field"] : differs("ordering field", found.ordering, [expects.ordering])), // prettier-ignore
];

function differs(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  if (found.join(",").toLowerCase() === wanted.join(",").toLowerCase()) return [];
  return [`${what} ${found.join(", ") || "missing"} and not ${wanted.join(", ")}`];
}

/** Commits that a clean left readable, oldest first; for the line of a table. */
export const newestCommitOf = (table: TableFacts): string | null =>
  table.instants.unknown === undefined ? (completedCommits(table.instants.value).at(-1)?.instant ?? null) : null;
