/**
 * `weir lake timeline|rows|changes PATH`: any Hudi table in a folder, ours or not, read with the code that the server reads it
 * with. Rows go to standard output, one JSON object or one line each; what they are of goes to standard error.
 */
import { basename, dirname, resolve } from "node:path";
import { openEngine } from "../lake/duckdb/connection";
import { localStorage } from "../lake/storage/local";
import { AppError } from "../model/app-error";
import { readOptions, wholeNumber } from "./arguments";
import { plainLine } from "./plain-text";
import { openTable, type OpenTable } from "./lake/open-table";
import { printLines, printRows, type Output } from "./lake/print";
import { changedRows, rowsAt, type RowsAnswer } from "./lake/table-rows";
import { UsageError } from "./usage";

const MOST_ROWS = 1_000_000;
const VERBS = ["timeline", "rows", "changes"] as const;

/** Resolves with 0. @throws UsageError */
export async function lake(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(
    "lake",
    args,
    {
      at: { type: "string" },
      since: { type: "string" },
      limit: { type: "string", default: "100" },
      json: { type: "boolean", default: false },
    },
    true,
  );
  const [verb, path, ...more] = positionals;
  const wanted = VERBS.find((known) => known === verb);
  if (wanted === undefined || path === undefined || more.length > 0)
    throw new UsageError("weir lake needs what to show and where: weir lake timeline|rows|changes PATH.");
  if (values.since !== undefined && wanted !== "changes")
    throw new UsageError(`weir lake ${wanted} takes no --since: it is of weir lake changes.`);
  const limit = wholeNumber("--limit", values.limit, 1, MOST_ROWS);
  const output: Output = {
    isJson: values.json,
    isOver: false,
    write: (line) => void process.stdout.write(`${line}\n`),
  };
  // A reader that has seen enough (head) is no fault.
  const end = () => (output.isOver = true);
  process.stdout.once("error", end);
  try {
    const table = await openTable(localStorage(dirname(resolve(path))), basename(resolve(path)), values.at ?? null);
    if (wanted === "timeline") await printLines(await table.lines(limit), output);
    else await printFound(table, wanted, values.since, limit, output);
  } catch (error) {
    throw error instanceof AppError ? new UsageError(`weir lake: ${plainLine(error.message)}`) : error;
  } finally {
    process.stdout.off("error", end);
  }
  return 0;
}

async function printFound(
  table: OpenTable,
  wanted: "rows" | "changes",
  since: string | undefined,
  limit: number,
  output: Output,
): Promise<void> {
  if (wanted === "changes" && since === undefined)
    throw new UsageError("weir lake changes needs --since: an instant, a time, or 0 for everything.");
  const engine = await openEngine();
  try {
    const found: RowsAnswer = await engine.read((connection) =>
      wanted === "rows" ? rowsAt(connection, table, limit) : changedRows(connection, table, since!, limit),
    );
    process.stderr.write(`weir: ${found.about}\n`);
    await printRows(found, output);
  } finally {
    await engine.close();
  }
}
