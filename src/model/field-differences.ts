/**
 * What is different about some rows: the fields of a feed, ranked by how much their values tell selected rows from the rest.
 *
 * The measure is the mutual information of a field's value and being selected, as a share of what there is to know about being
 * selected (0 = the values tell nothing, 1 = they tell all). It is the divergence of Jensen and Shannon of the two
 * distributions, weighted by how many rows each has. A sample overstates it by (values − 1) / (2 × rows), which is taken off
 * (Miller, Madow), so that a field with as many values as rows tells nothing. Twice the rows times the information follows a
 * chi-square distribution with (values − 1) degrees of freedom when the field has nothing to do with it (the G-test): what
 * lies within three standard deviations of that is chance. Pure; order of rows does not matter.
 */
import { attemptFields } from "./attempt";
import { fieldIndex, type Feed, type FieldType } from "./feed";
import { compareText, type Row, type WireValue } from "./value";

export interface ValueDifference {
  /** As it is shown; null = the rows have none. */
  text: string | null;
  /** Of selected rows and of the rest, how many have it. */
  selected: number;
  rest: number;
}

export interface FieldDifference {
  /** Name of the column, `labels.<name>` for one label, or `hour`. */
  field: string;
  /** How much it tells, 0 to 1. */
  score: number;
  /** The difference is more than chance makes of as many rows. */
  isClear: boolean;
  /** It tells what came of a run, such as its error or how long it took: a consequence, and no cause. */
  isOutcome: boolean;
  /** Rows can be filtered by its values: the text is what the address takes. */
  isFilter: boolean;
  /** The most telling first. */
  values: readonly ValueDifference[];
  /** Values beyond these. */
  others: number;
}

export interface FieldDifferences {
  selected: number;
  rest: number;
  /** What is clear first, and of that what may be a cause; then the most telling. */
  fields: readonly FieldDifference[];
}

/** A field with more values than this, or with more than a few that have few rows each, is an id: it tells nothing that can be read. */
const MOST_VALUES = 2_000;
const FEW_VALUES = 50;
const ROWS_PER_VALUE = 20;
const MOST_LABELS = 40;
const SHOWN_VALUES = 8;
/** Numbers with more values than this are taken in ranges. */
const MOST_NUMBERS = 12;
const RANGES = 5;
const NUMBERS = ["int", "long", "float", "double"];

type Tally = Map<string | null, { selected: number; rest: number }>;

interface Counted {
  field: string;
  isFilter: boolean;
  tally: Tally;
}

/**
 * @param isSelected of rows of the feed
 * @param fixed indexes of fields that decide by themselves what is selected: they differ by intention and are left out
 */
export function fieldDifferences(
  feed: Feed,
  rows: readonly Row[],
  isSelected: (row: Row) => boolean,
  fixed: readonly number[] = [],
): FieldDifferences {
  const flags = rows.map(isSelected);
  const selected = flags.filter(Boolean).length;
  const rest = rows.length - selected;
  const outcomes = outcomesOf(feed);
  const counted = [...columnsOf(feed, rows, flags, fixed), ...labelsOf(feed, rows, flags), hourOf(feed, rows, flags)];
  const fields = counted
    .filter(({ tally }) => tally.size > 1 && isReadable(tally.size, rows.length))
    .map((one) => ({ ...differenceOf(one, selected, rest), isOutcome: outcomes.has(one.field) }))
    .sort(
      (a, b) =>
        Number(b.isClear) - Number(a.isClear) ||
        Number(a.isOutcome) - Number(b.isOutcome) ||
        b.score - a.score ||
        compareText(a.field, b.field),
    );
  return { selected, rest, fields: selected === 0 || rest === 0 ? [] : fields };
}

function outcomesOf(feed: Feed): Set<string> {
  const fields = attemptFields(feed);
  if (fields === null) return new Set();
  const { status, attempt, errorMessage, rowsOut, durationMs, quality } = fields;
  const indexes = [status, attempt, errorMessage, rowsOut, durationMs, quality];
  return new Set(indexes.flatMap((index) => feed.fields[index]?.name ?? []));
}

const isReadable = (values: number, rows: number): boolean =>
  values <= MOST_VALUES && (values <= FEW_VALUES || rows / values >= ROWS_PER_VALUE);

function* columnsOf(feed: Feed, rows: readonly Row[], flags: readonly boolean[], fixed: readonly number[]) {
  for (const [i, { name, type }] of feed.fields.entries()) {
    const isIdentity = i === feed.key || i === feed.eventTime || i === feed.ordering;
    if (isIdentity || fixed.includes(i) || name === "url") continue;
    const counted = countColumn(name, type, i, rows, flags);
    if (counted) yield counted;
  }
}

function countColumn(
  field: string,
  { kind }: FieldType,
  index: number,
  rows: readonly Row[],
  flags: readonly boolean[],
): Counted | null {
  const isNumber = NUMBERS.includes(kind);
  if (kind !== "string" && kind !== "enum" && kind !== "boolean" && !isNumber) return null;
  const tally: Tally = new Map();
  const limit = isNumber ? MOST_NUMBERS : MOST_VALUES;
  for (let r = 0; r < rows.length; r++) {
    const value = rows[r]![index] ?? null;
    count(tally, value === null ? null : String(value), flags[r]!);
    if (tally.size > limit) return isNumber ? countRanges(field, index, rows, flags) : null;
  }
  return { field, isFilter: true, tally };
}

/** Ranges with about as many rows each, by the values of all rows. */
function countRanges(field: string, index: number, rows: readonly Row[], flags: readonly boolean[]): Counted {
  const numberOf = (value: WireValue | undefined) => (value === null || value === undefined ? NaN : Number(value));
  const sorted = Float64Array.from(rows, (row) => numberOf(row[index]))
    .filter((value) => !Number.isNaN(value))
    .sort();
  const cuts = [
    ...new Set(Array.from({ length: RANGES - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / RANGES)]!)),
  ];
  const names = [...cuts.map((cut, i) => rangeName(cuts[i - 1], cut)), rangeName(cuts.at(-1), undefined)];
  const tally: Tally = new Map();
  for (let r = 0; r < rows.length; r++) {
    const value = numberOf(rows[r]![index]);
    const at = cuts.findIndex((cut) => value < cut);
    count(tally, Number.isNaN(value) ? null : names[at < 0 ? cuts.length : at]!, flags[r]!);
  }
  return { field, isFilter: false, tally };
}

function rangeName(from: number | undefined, to: number | undefined): string {
  if (from === undefined) return `under ${to!}`;
  return to === undefined ? `${from} or more` : `${from} to under ${to}`;
}

/** One field per label, the most frequent ones. */
function labelsOf(feed: Feed, rows: readonly Row[], flags: readonly boolean[]): Counted[] {
  const index = fieldIndex(feed, "labels");
  if (index < 0 || feed.fields[index]!.type.kind !== "map") return [];
  const labels = new Map<string, Tally>();
  for (let r = 0; r < rows.length; r++) {
    const own = rows[r]![index] as Readonly<Record<string, WireValue>> | null | undefined;
    if (!own) continue;
    for (const name of Object.keys(own)) {
      let tally = labels.get(name);
      if (!tally) {
        if (labels.size >= MOST_LABELS * 5) continue;
        labels.set(name, (tally = new Map()));
      }
      if (tally.size <= MOST_VALUES) count(tally, String(own[name]), flags[r]!);
    }
  }
  const [selected, rest] = [flags.filter(Boolean).length, flags.filter((flag) => !flag).length];
  return [...labels]
    .map(([name, tally]) => ({ field: `labels.${name}`, isFilter: false, tally: withMissing(tally, selected, rest) }))
    .sort((a, b) => totalOf(b.tally) - totalOf(a.tally) || compareText(a.field, b.field))
    .slice(0, MOST_LABELS);
}

function withMissing(tally: Tally, selected: number, rest: number): Tally {
  const missing = { selected, rest };
  for (const has of tally.values()) {
    missing.selected -= has.selected;
    missing.rest -= has.rest;
  }
  if (missing.selected + missing.rest > 0) tally.set(null, missing);
  return tally;
}

const totalOf = (tally: Tally): number => {
  let total = 0;
  for (const [value, { selected, rest }] of tally) if (value !== null) total += selected + rest;
  return total;
};

function hourOf(feed: Feed, rows: readonly Row[], flags: readonly boolean[]): Counted {
  const tally: Tally = new Map();
  for (let r = 0; r < rows.length; r++) {
    const hour = Math.floor((rows[r]![feed.eventTime] as number) / 3_600_000) % 24;
    count(tally, `${String((hour + 24) % 24).padStart(2, "0")}:00 UTC`, flags[r]!);
  }
  return { field: "hour", isFilter: false, tally };
}

function count(tally: Tally, value: string | null, isSelected: boolean): void {
  let has = tally.get(value);
  if (!has) tally.set(value, (has = { selected: 0, rest: 0 }));
  if (isSelected) has.selected++;
  else has.rest++;
}

function differenceOf(
  { field, isFilter, tally }: Counted,
  selected: number,
  rest: number,
): Omit<FieldDifference, "isOutcome"> {
  const all = selected + rest;
  let information = 0;
  const told: (ValueDifference & { told: number })[] = [];
  // In one order, whatever that of the rows was: sums of fractions depend on it.
  for (const [text, has] of [...tally].sort(([a], [b]) => compareNullable(a, b))) {
    const own =
      part(has.selected, has.selected + has.rest, selected, all) + part(has.rest, has.selected + has.rest, rest, all);
    information += own;
    // What it tells for being selected comes before what it tells against it.
    const side = has.selected / selected - has.rest / rest;
    told.push({ text, ...has, told: own * (side < 0 ? 0.5 : 1) });
  }
  told.sort((a, b) => b.told - a.told || b.selected + b.rest - a.selected - a.rest || compareNullable(a.text, b.text));
  const degrees = tally.size - 1;
  const toKnow = -(part(selected, all, all, all) + part(rest, all, all, all));
  const score = Math.max(0, information - degrees / (2 * all)) / (toKnow || 1);
  return {
    field,
    score: Math.min(1, score),
    isClear: 2 * all * information > degrees + 3 * Math.sqrt(2 * degrees),
    isFilter,
    values: told.slice(0, SHOWN_VALUES).map((one) => ({ text: one.text, selected: one.selected, rest: one.rest })),
    others: Math.max(0, told.length - SHOWN_VALUES),
  };
}

const compareNullable = (a: string | null, b: string | null): number =>
  Number(a !== null) - Number(b !== null) || compareText(a ?? "", b ?? "");

/** One term of the information in nats: `both` rows of `all` have the value and are on the side. */
const part = (both: number, value: number, side: number, all: number): number =>
  both === 0 ? 0 : (both / all) * Math.log((both * all) / (value * side));
