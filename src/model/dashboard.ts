/**
 * What a dashboard is: panels on a grid, each of a kind with its settings. Kept as JSON with a version of its shape; older
 * shapes are upgraded when they are read (`dashboard-upgrade.ts`).
 */
import { z } from "zod";
import { COLUMNS, LOWEST, SMALLEST, TALLEST } from "./dashboard-grid";

/** Raised with every change of the shape, together with an upgrade from the version before. */
export const LAYOUT_VERSION = 2;
export const MAX_PANELS = 24;
/** Characters of a note. */
export const MAX_NOTE = 4_000;

export const PANEL_KINDS = ["counts", "table", "problems", "pipelines", "chart", "note"] as const;
export type PanelKind = (typeof PANEL_KINDS)[number];

/** Lengths of time that a chart covers, ending at the instant of the page, and of one of its buckets, ms. */
export const SPANS = {
  "1h": { ms: 3_600_000, bucketMs: 120_000 },
  "6h": { ms: 21_600_000, bucketMs: 600_000 },
  "24h": { ms: 86_400_000, bucketMs: 1_800_000 },
  "7d": { ms: 604_800_000, bucketMs: 14_400_000 },
} as const;
export type Span = keyof typeof SPANS;

// Postgres and pages dislike control characters and halves of characters.
const line = (max: number) =>
  z
    .string("must be text")
    .max(max, `must have at most ${max} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be one line without control characters or halves of characters");
const whole = (least: number, most: number) => {
  const range = `must be a whole number from ${least} to ${most}`;
  return z.int(range).min(least, range).max(most, range);
};
const feedName = z.string("must be the name of a feed").regex(/^[a-z][a-z0-9_]{0,62}$/, "must be the name of a feed");
const fieldName = z
  .string("must be the name of a column")
  .regex(/^[A-Za-z_]\w{0,199}$/, "must be the name of a column");
const viewOf = (view: "problems" | "pipelines") =>
  z
    .string(`must be a view of ${view}`)
    .regex(new RegExp(`^${view}(\\.[a-z][a-z0-9_]{0,62})?$`), `must be ${view}, or ${view}. and the name of a feed`);

/** As in the address of the page of a feed: `status=FAILED&from=-2h`. */
const filter = line(2_000);

const settings = {
  counts: z.strictObject({ feed: feedName, filter }),
  table: z.strictObject({
    /** A feed, a derived view, or the id of a saved view of a feed's page. */
    source: z
      .string("must be text")
      .regex(
        /^(feeds\/[a-z][a-z0-9_]{0,62}|views\/(problems|pipelines|batches)(\.[a-z][a-z0-9_]{0,62})?|saved\/[\w:.-]{1,200})$/,
        "must be feeds/ and a feed, views/ and a derived view, or saved/ and the id of a saved view",
      ),
    filter,
    /** Names of columns; none = those that the feed declares. */
    columns: z.array(fieldName).max(12, "must name at most 12 columns"),
    rows: whole(1, 100),
  }),
  problems: z.strictObject({ view: viewOf("problems"), filter, rows: whole(1, 50) }),
  pipelines: z.strictObject({ view: viewOf("pipelines"), filter, rows: whole(1, 50) }),
  chart: z
    .strictObject({
      feed: feedName,
      filter,
      measure: z.enum(["count", "sum"], "must be count or sum"),
      /** What is summed; null for a count. */
      field: fieldName.nullable(),
      /** A series per value of this column; null = one series. */
      by: fieldName.nullable(),
      span: z.enum(Object.keys(SPANS) as [Span, ...Span[]], `must be one of ${Object.keys(SPANS).join(", ")}`),
    })
    .refine(({ measure, field }) => (measure === "sum") === (field !== null), {
      path: ["field"],
      message: "must name a column for a sum, and be null for a count",
    }),
  note: z.strictObject({
    text: z
      .string("must be text")
      .max(MAX_NOTE, `must have at most ${MAX_NOTE} characters`)
      .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, "must not have control characters or halves of characters"),
  }),
} satisfies Record<PanelKind, z.ZodType>;

const place = z.strictObject({
  x: whole(0, COLUMNS - SMALLEST),
  y: whole(0, LOWEST),
  w: whole(SMALLEST, COLUMNS),
  h: whole(SMALLEST, TALLEST),
});

const common = {
  id: z
    .string("must be an id")
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be an id of small letters, digits and hyphens"),
  /** Empty = what the kind is called. */
  title: line(120),
  place,
};

const panel = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ ...common, kind: z.literal("counts"), settings: settings.counts }),
    z.strictObject({ ...common, kind: z.literal("table"), settings: settings.table }),
    z.strictObject({ ...common, kind: z.literal("problems"), settings: settings.problems }),
    z.strictObject({ ...common, kind: z.literal("pipelines"), settings: settings.pipelines }),
    z.strictObject({ ...common, kind: z.literal("chart"), settings: settings.chart }),
    z.strictObject({ ...common, kind: z.literal("note"), settings: settings.note }),
  ],
  `must be one of ${PANEL_KINDS.join(", ")}`,
);

export const layoutSchema = z.strictObject({
  schemaVersion: z.literal(LAYOUT_VERSION, `must be ${LAYOUT_VERSION}`),
  panels: z
    .array(panel, "must be a list of panels")
    .max(MAX_PANELS, `must have at most ${MAX_PANELS} panels`)
    .superRefine((panels, { addIssue }) => {
      const known = new Set<string>();
      for (const [i, { id }] of panels.entries()) {
        if (known.has(id)) addIssue({ code: "custom", path: [i, "id"], message: "is the id of another panel too" });
        known.add(id);
      }
    }),
});

export type Layout = z.output<typeof layoutSchema>;
export type Panel = Layout["panels"][number];
export type PanelOf<K extends PanelKind> = Extract<Panel, { kind: K }>;

export const EMPTY_LAYOUT: Layout = { schemaVersion: LAYOUT_VERSION, panels: [] };

export const KIND_NAMES: Readonly<Record<PanelKind, string>> = {
  counts: "Counts",
  table: "Table",
  problems: "Problems",
  pipelines: "Pipelines",
  chart: "Chart",
  note: "Note",
};
