/** A schema is a feed: its page has its own columns and follows. */
import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "~/config";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { columnTexts, eventRows, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";
import { removeFolder } from "../support/remove-folder";

const schema = {
  type: "record",
  name: "Measurement",
  namespace: "com.example.sensors",
  weir: {
    feed: "measurements",
    key: "measurementId",
    ordering: "sequence",
    eventTime: "measuredAt",
    partition: "hour",
    write: "append",
    display: {
      title: "Measurements",
      status: "quality",
      columns: [
        { field: "sensor", label: "Sensor" },
        { field: "quality", label: "Quality" },
        { field: "kelvin", label: "Kelvin" },
        { field: "price", label: "Price" },
        { field: "counter", label: "Counter" },
        { field: "day", label: "Day" },
        { field: "spectrum", label: "Spectrum" },
        { field: "isIndoor", label: "Indoor" },
      ],
    },
  },
  fields: [
    { name: "measurementId", type: "string" },
    { name: "sensor", type: "string" },
    { name: "sequence", type: "long" },
    { name: "measuredAt", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "quality", type: { type: "enum", name: "Quality", symbols: ["GOOD", "DOUBTFUL"] } },
    { name: "kelvin", type: ["null", "double"], default: null },
    {
      name: "price",
      type: ["null", { type: "bytes", logicalType: "decimal", precision: 12, scale: 3 }],
      default: null,
    },
    { name: "counter", type: ["null", "long"], default: null },
    { name: "day", type: ["null", { type: "int", logicalType: "date" }], default: null },
    { name: "spectrum", type: { type: "array", items: "double" }, default: [] },
    { name: "isIndoor", type: ["null", "boolean"], default: null },
  ],
};

let folder: string;

const weir = runningWeir(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-e2e-avro-"));
  await copyFile(join(packageRoot(), "avro", "PipelineEvent.avsc"), join(folder, "PipelineEvent.avsc"));
  await writeFile(join(folder, "Measurement.avsc"), JSON.stringify(schema));
  return { WEIR_AVRO_DIR: folder };
});
const { open } = browserTabs();

let sequence = 0;
const measurement = (given: { measurementId: string; sensor: string }, more: object = {}) => ({
  sequence: ++sequence,
  measuredAt: Date.now() - 60_000 + sequence,
  quality: "GOOD",
  ...given,
  ...more,
});

beforeAll(async () => {
  await weir.publishTo("measurements", [
    measurement({ measurementId: "m-1", sensor: "roof" }, { kelvin: 273.15, isIndoor: false }),
  ]);
});
afterAll(() => removeFolder(folder));

describe("a second feed", () => {
  it("is among the pages, with the columns that its schema names", async () => {
    const page = await open(weir.url("/"));
    await clickThrough(page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Measurements" }));
    await page.getByRole("heading", { name: "Measurements" }).waitFor();
    const heads = await page.locator("#rows thead").first().locator("th").allInnerTexts();
    expect(heads.map((head) => head.trim())).toEqual([
      "Measured at",
      ...schema.weir.display.columns.map(({ label }) => label),
    ]);
    expect(await columnTexts(page, "Kelvin")).toEqual(["273.15"]);
    await page.getByRole("combobox", { name: "Quality" }).selectOption("DOUBTFUL");
    await clickThrough(page.getByRole("button", { name: "Filter" }));
    await page.getByText("No event matches.").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("follows live, with every kind of value written exactly", async () => {
    const page = await open(weir.url("/feeds/measurements?sensor=cellar"));
    await untilLive(page);
    await weir.publishTo("measurements", [
      measurement(
        { measurementId: "m-2", sensor: "cellar" },
        {
          quality: "DOUBTFUL",
          kelvin: -0.5,
          price: "1234567.890",
          day: 20_000,
          spectrum: [1, 2.5],
          isIndoor: true,
          counter: 42,
        },
      ),
      measurement({ measurementId: "m-3", sensor: "attic" }),
    ]);
    await eventually(() => columnTexts(page, "Sensor")).toEqual(["cellar"]);
    const shown = async () => (await eventRows(page).first().locator("td").allInnerTexts()).slice(1);
    const followed = await shown();
    expect(followed).toEqual(["cellar", "DOUBTFUL", "-0.5", "1234567.890", "42", "2024-10-04", "[1,2.5]", "true"]);
    await page.reload();
    expect(await shown()).toEqual(followed);
  });
});
