/** A table in a folder, at a moment. */
import { systemClock } from "../../clock";
import { HudiInspector } from "../../lake/hudi/inspector";
import { HudiTable, type FileSlice } from "../../lake/hudi/table";
import type { Storage } from "../../lake/storage/storage";
import { AppError } from "../../model/app-error";
import { instantAt, isInstant, timeOf, type Instant } from "../../model/instant";
import { absolute, parseTime } from "../../model/row-query";
import type { InstantLine } from "../../model/table-health/instants";

export interface OpenTable {
  table: HudiTable;
  /** The commit that it is shown at; null before the first. */
  instant: Instant | null;
  /** Newest first. */
  lines(limit: number): Promise<InstantLine[]>;
  /** @throws AppError gone when the files of an instant are no longer there */
  slicesAt(instant: Instant): Promise<readonly FileSlice[]>;
  /** The commit that a text of the command line names. @throws AppError bad-parameter, gone */
  commitAt(option: string, text: string): Promise<Instant>;
}

/** @throws AppError not-found, read-only when it is no table that can be read, gone */
export async function openTable(storage: Storage, folder: string, at: string | null): Promise<OpenTable> {
  const table = await HudiTable.open(storage, folder);
  if (table === null)
    throw new AppError("not-found", `There is no Hudi table in ${storage.locate(folder)}: it has no .hoodie folder.`);
  const inspector = new HudiInspector({
    role: "table",
    name: table.properties.name,
    isOurs: false,
    keepsVersions: false,
    location: storage.locate(folder),
    clock: systemClock,
    open: () => Promise.resolve(table),
    earliestToRetain: null,
  });
  const readable = async (instant: Instant): Promise<Instant> => {
    if ((await inspector.files(instant)) !== null) return instant;
    throw new AppError("gone", `What the table was at ${instant} is no longer there: a clean removed its files.`);
  };
  const commitAt = async (option: string, text: string) => readable(commitNamed(table, option, text));
  const instant = at === null ? table.head : await commitAt("--at", at);
  const moment = at === null || instant === null ? null : { instant, time: timeOf(instant) };
  return {
    table,
    instant,
    lines: async (limit) => (await inspector.lines({ limit, at: moment })).lines,
    slicesAt: async (of) => table.slices(await readable(of)),
    commitAt,
  };
}

function commitNamed(table: HudiTable, option: string, text: string): Instant {
  const commits = table.completedWrites();
  if (isInstant(text) && commits.some(({ instant }) => instant === text)) return text;
  const time = isInstant(text) ? null : parseTime(text);
  if (!isInstant(text) && time === null)
    throw new AppError(
      "bad-parameter",
      `${option} must be an instant of 17 digits, an ISO time, epoch milliseconds or a relative time such as -2h (it is ${JSON.stringify(text.slice(0, 80))}).`,
    );
  const until = time === null ? text : instantAt(absolute(time, Date.now()));
  const found = commits.findLast(({ instant }) => instant <= until);
  if (found) return found.instant;
  const first = commits[0]?.instant;
  throw new AppError(
    "gone",
    first === undefined
      ? "The table has no commit yet."
      : `The timeline begins with ${first}, after ${option} ${text.slice(0, 40)}: what was before is not on it.`,
  );
}
