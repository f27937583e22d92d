/** Whatever text comes into a verb: it is refused with a sentence, or kept and given back as it is (invariant 8). */
import { beforeAll, expect, inject, test } from "vitest";
import type { ControlContext } from "~/control/context";
import { AppError, httpStatus } from "~/model/app-error";
import {
  changedAt,
  CORPUS,
  everyOther,
  FEW,
  inTurn,
  placesOfObjects,
  placesOfText,
  valueAt,
  withMembersOfAll,
  type Place,
} from "../support/hostile-inputs";
import { onEveryDatabase, person, type ControlFixture } from "../support/control";
import { PARTS_OF_VERBS, VERB_INPUTS, verbsWithInput, type VerbInput } from "../support/verb-inputs";

test("every verb that takes an input has a valid one to begin from", () => {
  expect([...Object.keys(VERB_INPUTS), ...PARTS_OF_VERBS].sort()).toEqual(verbsWithInput());
});

type Counts = Readonly<Record<string, number>>;

/** One verb on one database, and how many rows there should be. */
class Trial {
  #ctx!: ControlContext;
  given: unknown[] = [];
  #rows: Counts | null = null;
  place: Place | null = null;

  constructor(
    private readonly control: ControlFixture,
    private readonly tables: readonly string[],
    private readonly verb: VerbInput,
  ) {}

  get changes(): boolean {
    return this.verb.rows !== undefined;
  }

  /** With somebody new, who has nothing yet. */
  async begin(): Promise<void> {
    this.#ctx = this.control.as(person("admin"));
    const given = this.verb.valid(this.#ctx);
    this.given = await given;
    if (given instanceof Promise || this.#rows === null) this.#rows = await countRows(this.control, this.tables);
  }

  /** @returns the error, or null when it was done and left the rows that it should */
  async attempt(given: unknown[]): Promise<unknown> {
    let answer: unknown;
    try {
      answer = await this.verb.call(this.#ctx, given);
    } catch (error) {
      return error;
    }
    if (this.verb.rows) {
      this.#expectMore(this.verb.rows);
      await this.expectRows();
    }
    await this.#expectNothingOrKept(given, answer);
    return null;
  }

  async expectRows(): Promise<void> {
    expect(await countRows(this.control, this.tables)).toEqual(this.#rows);
  }

  #expectMore(more: Counts): void {
    const all: Record<string, number> = { ...this.#rows };
    for (const [name, n] of Object.entries(more)) all[name] = all[name]! + n;
    this.#rows = all;
  }

  async #expectNothingOrKept(given: unknown[], answer: unknown): Promise<void> {
    const { place, verb } = this;
    if (place === null) return;
    if (!verb.kept) return expect(answer ?? []).toEqual([]);
    const sent = valueAt(given, place) as string;
    const kept = valueAt(await verb.kept(this.#ctx, given, answer), place);
    expect(kept).toBe(verb.as ? verb.as(sent, place) : sent.trim());
  }
}

async function countRows({ pool }: ControlFixture, tables: readonly string[]): Promise<Counts> {
  const { rows } = await pool.query<{ name: string; n: number }>(
    tables.map((name) => `SELECT '${name}' AS name, count(*)::int AS n FROM "${name}"`).join(" UNION ALL "),
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

const TABLES = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";

async function tablesOf({ pool }: ControlFixture): Promise<string[]> {
  return (await pool.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
}

/** A sentence of bounded length that says what the sender did wrong. */
function expectRefusal(error: unknown): void {
  expect(error).toBeInstanceOf(AppError);
  const { code, message } = error as AppError;
  expect(httpStatus(code)).toBeGreaterThanOrEqual(400);
  expect(httpStatus(code)).toBeLessThan(500);
  expect(message.length).toBeLessThan(2_500);
}

onEveryDatabase((control, nth) => {
  // The same is done on both: what is not for databases is tried on one of them, by turns.
  const isOnlyOne = inject("postgresUrl") === null;
  const textsFor = ({ isSlow }: VerbInput, turn: number) => {
    if (isOnlyOne) return isSlow ? FEW : CORPUS;
    return isSlow ? everyOther(FEW, turn) : inTurn(CORPUS, turn);
  };
  let tables: string[];
  beforeAll(async () => {
    tables = await tablesOf(control);
  });

  test.each(Object.entries(VERB_INPUTS))("%s", async (_name, verb) => {
    const trial = new Trial(control, tables, verb);
    await trial.begin();
    expect(await trial.attempt(trial.given)).toBeNull();
    await trial.begin();
    for (const [n, place] of placesOfText(trial.given).entries()) await tryTexts(trial, place, textsFor(verb, n + nth));
    for (const place of placesOfObjects(trial.given)) await tryMembers(trial, place);
    expect(await tablesOf(control)).toEqual(tables);
    expect({}).not.toHaveProperty("isAdmin");
  });
});

async function tryTexts(trial: Trial, place: Place, texts: readonly string[]): Promise<void> {
  trial.place = place;
  for (const text of texts) {
    const error = await trial.attempt(changedAt(trial.given, place, () => text)).catch((wrong: unknown) => {
      throw named(wrong, place, text);
    });
    if (error !== null) expectRefusalAt(error, place, text);
    else if (trial.changes) await trial.begin();
  }
  await trial.expectRows();
}

async function tryMembers(trial: Trial, place: Place): Promise<void> {
  trial.place = null;
  for (const object of withMembersOfAll(valueAt(trial.given, place))) {
    const error = await trial.attempt(changedAt(trial.given, place, () => object));
    if (error !== null) expectRefusalAt(error, place, JSON.stringify(object));
    else if (trial.changes) await trial.begin();
  }
  await trial.expectRows();
}

function expectRefusalAt(error: unknown, place: Place, text: string): void {
  try {
    expectRefusal(error);
  } catch (wrong) {
    throw named(new Error((wrong as Error).message, { cause: error }), place, text);
  }
}

const named = (cause: unknown, place: Place, text: string): Error =>
  new Error(`${place.join(".")} = ${JSON.stringify(text.slice(0, 80))}: ${(cause as Error).message}`, { cause });
