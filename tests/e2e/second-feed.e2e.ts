/** A schema is a feed: its page has its own columns and follows. */
import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "~/config";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { columnTexts, eventRows, isMarked, markPage, untilLive, violations } from "../support/pages";
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

  it("is on a dashboard beside the first: both follow on one stream, and a feed whose last panel is removed is followed no more (invariant 4)", async () => {
    await weir.untilControl();
    await weir.publish([weir.event({ eventId: "e-1", status: "COMPLETED" })]);
    const page = await open(weir.url("/dashboards"));
    const streams: string[] = [];
    const ended: string[] = [];
    const isStream = (url: string) => url.includes("/api/v1/live");
    page.on("request", (request) => isStream(request.url()) && streams.push(request.url()));
    page.on("requestfailed", (request) => isStream(request.url()) && ended.push(request.url()));
    page.on("requestfinished", (request) => isStream(request.url()) && ended.push(request.url()));
    const topicsOf = (url: string | undefined) =>
      new URL(url ?? "", weir.address).searchParams.get("topics")?.split(",");
    await page.goto(weir.url(`/dashboards/${await ofBothFeeds()}?arrange`));
    await untilLive(page);
    await markPage(page);
    const panel = (name: string) => page.getByRole("region", { name, exact: true });
    const count = (name: string, status: string) => panel(name).locator(`[data-status=${status}] .value`);
    const following = () => page.locator("#dash-grid").getAttribute("data-following");
    expect((await following())!.split(" ").sort()).toEqual(["feeds/measurements", "feeds/pipeline_events"]);
    const [good, completed] = [
      await count("Quality", "GOOD").innerText(),
      await count("Events", "COMPLETED").innerText(),
    ];

    await weir.publishTo("measurements", [measurement({ measurementId: "m-4", sensor: "basement" })]);
    await eventually(() => panel("Sensors").innerText()).toContain("basement");
    await eventually(() => count("Quality", "GOOD").innerText()).toBe(String(Number(good) + 1));
    expect(await count("Events", "COMPLETED").innerText()).toBe(completed);
    await weir.publish([weir.event({ eventId: "e-2", status: "COMPLETED" })]);
    await eventually(() => count("Events", "COMPLETED").innerText()).toBe(String(Number(completed) + 1));
    expect(streams.map((url) => topicsOf(url)!.length)).toEqual([2]);

    await page.locator("#panel-sensors").focus();
    await page.keyboard.press("Delete");
    await eventually(() => panel("Sensors").count()).toBe(0);
    await eventually(following).toContain("feeds/measurements");
    await page.locator("#panel-quality").focus();
    await page.keyboard.press("Delete");
    await eventually(following).toBe("feeds/pipeline_events");
    await eventually(() => Promise.resolve(topicsOf(streams.at(-1)))).toEqual(["feeds/pipeline_events"]);
    // All streams that had the feed are closed.
    await eventually(() => Promise.resolve(streams.length - ended.length)).toBe(1);
    await untilLive(page);

    await weir.publishTo("measurements", [measurement({ measurementId: "m-5", sensor: "roof" })]);
    await weir.publish([weir.event({ eventId: "e-3", status: "COMPLETED" })]);
    await eventually(() => count("Events", "COMPLETED").innerText()).toBe(String(Number(completed) + 2));
    expect(await isMarked(page)).toBe(true);
    await page.reload();
    expect(await count("Events", "COMPLETED").innerText()).toBe(String(Number(completed) + 2));
    expect(await page.locator(".dash-panel").count()).toBe(1);
  });
});

/** @returns the id of a dashboard with panels of two feeds */
async function ofBothFeeds(): Promise<string> {
  const place = (y: number, h: number) => ({ x: 0, y, w: 12, h });
  const layout = {
    schemaVersion: 2,
    panels: [
      {
        id: "events",
        kind: "counts",
        title: "Events",
        place: place(0, 2),
        settings: { feed: "pipeline_events", filter: "" },
      },
      {
        id: "quality",
        kind: "counts",
        title: "Quality",
        place: place(2, 2),
        settings: { feed: "measurements", filter: "" },
      },
      {
        id: "sensors",
        kind: "table",
        title: "Sensors",
        place: place(4, 5),
        settings: { source: "feeds/measurements", filter: "", columns: ["sensor", "counter"], rows: 20 },
      },
    ],
  };
  const response = await fetch(weir.url("/api/v1/dashboards"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Two feeds", layout }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}
