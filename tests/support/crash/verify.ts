/** Compares the tables, the interface and a follower with what was promised. Every fault is a sentence with an example. */
import { join } from "node:path";
import { feedInfo, getJson } from "../api-client";
import { readPlainTable, type PlainRow, type PlainTable } from "../plain-hudi";
import type { Follower, Rows } from "./follower";
import { compareByContent, versionOf, type Promises } from "./promises";

/** What a follower saw at a position, before the server was killed. */
export interface Remembered {
  position: string;
  cols: readonly string[];
  rows: Rows;
}

export interface Evidence {
  base: string;
  dataDir: string;
  promises: Promises;
  follower: Follower;
  remembered: readonly Remembered[];
}

const FEED = "pipeline_events";
const HISTORIES = 40;

export interface Verdict {
  faults: string[];
  /** Commits on the log's active timeline. */
  commits: number;
}

export async function verify(evidence: Evidence): Promise<Verdict> {
  const { base, dataDir, promises, follower, remembered } = evidence;
  const faults: string[] = [...follower.faults];
  const info = await feedInfo(base);
  if (info.staged.events !== 0) faults.push(`${info.staged.events} events are still staged.`);
  if (info.deadLetters !== 0)
    faults.push(`There are ${info.deadLetters} dead letters, though every message was correct.`);
  const log = await readPlainTable(join(dataDir, "lake", `${FEED}_log`));
  const state = await readPlainTable(join(dataDir, "lake", FEED));
  const folded = fold(log.rows);
  faults.push(
    ...compareTables(log, state, promises),
    ...(await answered(checkRows(base, info.head, folded, "the rows at the head"))),
    ...compareRows(asObjects(follower), folded, "the follower"),
    ...(await answered(checkHistories(base, log.rows))),
  );
  for (const past of remembered)
    faults.push(...(await answered(checkRows(base, past.position, asObjects(past), `the rows at ${past.position}`))));
  return { faults, commits: log.commits.length };
}

/** A question that is not answered is a fault like the others, and hides none of them. */
const answered = (checked: Promise<string[]>): Promise<string[]> =>
  checked.catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);

/** What the files of both tables say against what was promised. */
export const compareTables = (log: PlainTable, state: PlainTable, promises: Promises): string[] => [
  ...checkTimelines(log, state),
  ...checkLog(log.rows, promises),
  ...checkState(state.rows, fold(log.rows)),
];

function checkTimelines(log: PlainTable, state: PlainTable): string[] {
  const faults: string[] = [];
  for (const [name, table] of Object.entries({ log, state })) {
    if (table.strays.length > 0)
      faults.push(`The ${name} holds ${table.strays.length} files of no commit: ${table.strays[0]}.`);
    if (table.pending.length > 0) faults.push(`The ${name} has an unfinished action: ${table.pending.join(", ")}.`);
    if (new Set(table.commits).size < table.commits.length) faults.push(`An instant of the ${name} was used twice.`);
  }
  if (log.commits.at(-1) !== state.commits.at(-1))
    faults.push(`The log ends at ${log.commits.at(-1)}, the state at ${state.commits.at(-1)}.`);
  return faults;
}

function checkLog(rows: readonly PlainRow[], promises: Promises): string[] {
  const faults: string[] = [];
  const logged = new Set(rows.map(({ values }) => versionOf(values)));
  if (logged.size < rows.length)
    faults.push(`The log holds ${rows.length - logged.size} versions twice (invariant 2).`);
  const lost = [...promises.acknowledged].filter((version) => !logged.has(version));
  if (lost.length > 0) faults.push(`${lost.length} acknowledged versions are not in the log (invariant 1): ${lost[0]}`);
  const invented = [...logged].filter((version) => !promises.sent.has(version));
  if (invented.length > 0) faults.push(`${invented.length} versions in the log were never sent: ${invented[0]}`);
  return faults;
}

/** The newest version of each key, by (ordering value, rank, arrival). */
function fold(rows: readonly PlainRow[]): Map<string, PlainRow["values"]> {
  const arrived = rows.toSorted(
    (a, b) =>
      (a.commit < b.commit ? -1 : a.commit > b.commit ? 1 : 0) || a.seqno[0] - b.seqno[0] || a.seqno[1] - b.seqno[1],
  );
  const newest = new Map<string, PlainRow["values"]>();
  for (const { values } of arrived) {
    const key = String(values["eventId"]);
    const known = newest.get(key);
    if (known === undefined || compareByContent(values, known) >= 0) newest.set(key, values);
  }
  return newest;
}

function checkState(rows: readonly PlainRow[], folded: ReadonlyMap<string, PlainRow["values"]>): string[] {
  const state = new Map(rows.map(({ values }) => [String(values["eventId"]), values]));
  const faults = state.size < rows.length ? [`The state holds ${rows.length - state.size} keys twice.`] : [];
  return [...faults, ...compareRows(state, folded, "the state table")];
}

function compareRows(
  seen: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  expected: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  what: string,
): string[] {
  const faults: string[] = [];
  const missing = [...expected.keys()].filter((key) => !seen.has(key));
  if (missing.length > 0)
    faults.push(`${what}: ${missing.length} of ${expected.size} keys are missing, such as ${missing[0]}.`);
  const surplus = [...seen.keys()].filter((key) => !expected.has(key));
  if (surplus.length > 0) faults.push(`${what}: ${surplus.length} keys are too many, such as ${surplus[0]}.`);
  const wrong = [...seen].filter(([key, row]) => expected.has(key) && versionOf(row) !== versionOf(expected.get(key)!));
  if (wrong.length > 0) {
    const [key, row] = wrong[0]!;
    faults.push(
      `${what}: ${wrong.length} rows are not the newest version (invariant 2), such as ${versionOf(row)} instead of ${versionOf(expected.get(key)!)}.`,
    );
  }
  return faults;
}

const asObjects = ({ cols, rows }: Pick<Follower, "cols" | "rows"> | Remembered) =>
  new Map([...rows].map(([key, row]) => [key, Object.fromEntries(cols.map((col, i) => [col, row[i]]))]));

async function checkRows(
  base: string,
  at: string,
  expected: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
  what: string,
): Promise<string[]> {
  const path = `/api/v1/feeds/${FEED}/rows?at=${encodeURIComponent(at)}&from=-30d&limit=1000000`;
  const { rows } = await getJson<{ rows: Record<string, unknown>[] }>(base, path);
  return compareRows(new Map(rows.map((row) => [String(row["eventId"]), row])), expected, what);
}

/** The history of some keys with many versions, as the interface tells it. */
async function checkHistories(base: string, rows: readonly PlainRow[]): Promise<string[]> {
  const byKey = new Map<string, PlainRow[]>();
  for (const row of rows) {
    const key = String(row.values["eventId"]);
    const known = byKey.get(key);
    if (known) known.push(row);
    else byKey.set(key, [row]);
  }
  const longest = [...byKey].sort((a, b) => b[1].length - a[1].length).slice(0, HISTORIES);
  const faults: string[] = [];
  for (const [key, logged] of longest) {
    const path = `/api/v1/feeds/${FEED}/history/${encodeURIComponent(key)}`;
    const { versions } = await getJson<{ versions: { instant: string; row: Record<string, unknown> }[] }>(base, path);
    const told = versions.map(({ instant, row }) => `${instant} ${versionOf(row)}`).sort();
    const kept = logged.map(({ commit, values }) => `${commit} ${versionOf(values)}`).sort();
    if (told.join("\n") !== kept.join("\n"))
      faults.push(`The history of ${key} tells ${told.length} versions, the log has ${kept.length}.`);
    const inOrder = versions.every(({ row }, i) => i === 0 || compareByContent(row, versions[i - 1]!.row) >= 0);
    if (!inOrder) faults.push(`The history of ${key} is not in the order of its versions.`);
  }
  return faults;
}
