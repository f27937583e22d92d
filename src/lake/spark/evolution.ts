/**
 * Brings the columns of a feed's tables to what its schema declares now. Fields that were added become columns, which are null
 * in older rows; nothing else may have changed, because files are never rewritten for it.
 */
import { AppError } from "../../model/app-error";
import type { Feed, Field } from "../../model/feed";
import { sparkType } from "./column-sql";
import { identifier, join, sql } from "./sql/sql";
import { attachTable, describeTable, tableIn, type SparkTable, type TableDescription } from "./tables";
import { SparkError } from "./thrift/faults";
import type { SparkSession } from "./thrift/session";

/** Adding the columns, attaching anew where the catalog is behind the table, and adding the rest. */
const LOOKS = 3;

/**
 * @param tables the state first: a commit of the state that follows one of the log would look like its other half
 * @param described what the catalog knows of each
 * @throws AppError read-only with a sentence that names the field, when more has changed than that optional ones were added
 */
export async function evolveTables(
  session: SparkSession,
  database: string,
  feed: Feed,
  tables: readonly SparkTable[],
  described: readonly TableDescription[],
): Promise<void> {
  for (const [i, table] of tables.entries()) await evolve(session, database, feed, table, described[i]!);
}

async function evolve(
  session: SparkSession,
  database: string,
  feed: Feed,
  table: SparkTable,
  known: TableDescription,
): Promise<void> {
  let failure: unknown = null;
  let described = known;
  for (let look = 1; look <= LOOKS; look++) {
    const missing = missingFields(feed, table.name, described);
    if (missing.length === 0) return;
    try {
      await addColumns(session, database, table.name, missing);
    } catch (error) {
      // A catalog that is kept elsewhere may not know what another engine has added to the table.
      if (!(error instanceof SparkError) || described.type !== "EXTERNAL") throw error;
      failure = error;
      await session.execute(sql`DROP TABLE IF EXISTS ${tableIn(database, table.name)}`);
      await attachTable(session, database, table);
    }
    described = await describeTable(session, database, table.name);
  }
  throw failure ?? new Error(`The columns that were added to ${database}.${table.name} are not there.`);
}

async function addColumns(
  session: SparkSession,
  database: string,
  name: string,
  fields: readonly Field[],
): Promise<void> {
  const columns = fields.map((field) => sql`${identifier(field.name)} ${sparkType(field.type)}`);
  await session.execute(sql`ALTER TABLE ${tableIn(database, name)} ADD COLUMNS (${join(columns)})`);
}

/** Fields of the feed that are no columns yet. @throws AppError read-only */
export function missingFields(feed: Feed, table: string, { columns, partitions }: TableDescription): Field[] {
  const refuse = (reason: string) =>
    new AppError("read-only", `The schema of feed ${feed.name} does not fit its table ${table}: ${reason}`);
  const missing: Field[] = [];
  for (const field of feed.fields) {
    const stored = columns.get(field.name.toLowerCase());
    const declared = plain(sparkType(field.type).text);
    if (stored === undefined) {
      if (!field.nullable && field.default === undefined) {
        throw refuse(
          `field ${field.name} is new and not optional, and the rows that are there do not have it. Declare it as ["null", …] with "default": null.`,
        );
      }
      missing.push(field);
    } else if (declared !== plain(stored) && !isShortened(stored)) {
      throw refuse(
        `field ${field.name} is ${stored} in the table and would be ${declared}. Columns are only added: keep ${field.name} as it was, and declare a new optional field beside it under another name.`,
      );
    }
  }
  const declared = new Set(feed.fields.map(({ name }) => name.toLowerCase()));
  for (const name of columns.keys()) {
    if (declared.has(name) || name.startsWith("_hoodie_") || partitions.has(name)) continue;
    throw refuse(
      `the table has a column ${name}, and the schema no longer has that field. Declare it again, as ["null", …] with "default": null.`,
    );
  }
  return missing;
}

const plain = (type: string): string => type.replace(/[`\s]/g, "").toLowerCase();

/** Spark leaves the end out when it describes records of many fields. */
const isShortened = (type: string): boolean => / more fields/.test(type);
