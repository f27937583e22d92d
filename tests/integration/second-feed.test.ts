/**
 * The claim that a schema is a feed: an `.avsc` that has nothing in common with the one in the repository (append mode, hour
 * partitions, decimals, arrays, no status) is dropped into a folder, and there are tables, an API and a page.
 */
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeContainer } from "../support/avro-writer";
import { getJson, type FeedInfo } from "../support/api-client";
import { copyMadeDatabase, NODE_ARGS } from "../support/begin-with";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

const schema = {
  type: "record",
  name: "Reading",
  namespace: "com.example.meters",
  weir: {
    feed: "meter_readings",
    key: "readingId",
    ordering: "receivedAt",
    eventTime: "takenAt",
    partition: "hour",
    write: "append",
    display: { title: "Meter readings", columns: [{ field: "meter", label: "Meter" }, { field: "kwh" }] },
  },
  fields: [
    { name: "readingId", type: "string" },
    { name: "meter", type: "string" },
    { name: "takenAt", type: "long", logicalType: "timestamp-millis" },
    { name: "receivedAt", type: { type: "long", logicalType: "timestamp-micros" } },
    { name: "kwh", type: { type: "bytes", logicalType: "decimal", precision: 12, scale: 3 } },
    { name: "phases", type: { type: "array", items: "double" }, default: [] },
    { name: "day", type: ["null", { type: "int", logicalType: "date" }], default: null },
    {
      name: "place",
      type: [
        "null",
        {
          type: "record",
          name: "Place",
          fields: [
            { name: "city", type: "string" },
            { name: "height", type: "float", default: 0 },
          ],
        },
      ],
      default: null,
    },
    { name: "serial", type: ["null", "long"], default: null },
  ],
};

let folder: string;
let server: ServerProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-second-feed-"));
  await mkdir(join(folder, "avro"));
  await writeFile(join(folder, "avro", "Reading.avsc"), JSON.stringify(schema));
  const dataDir = join(folder, "data");
  await copyMadeDatabase(dataDir);
  server = await ServerProcess.start({ dataDir, env: { WEIR_AVRO_DIR: join(folder, "avro") }, nodeArgs: NODE_ARGS });
});

afterAll(async () => {
  await server?.stop();
  await removeFolder(folder);
});

const get = <T>(path: string): Promise<T> => getJson<T>(server!.address, path);

async function send(body: object[] | Buffer): Promise<unknown> {
  const isAvro = Buffer.isBuffer(body);
  const response = await fetch(`${server!.address}${FEED}/events`, {
    method: "POST",
    headers: { "content-type": isAvro ? "application/avro" : "application/json" },
    body: (isAvro ? body : JSON.stringify(body)) as BodyInit,
  });
  return response.json();
}

/** Waits until everything is in the table. @returns the instant of the newest commit then */
const committed = (): Promise<string> =>
  until("the commit of what was sent", async () => {
    const { staged, instant } = await get<FeedInfo>(FEED);
    return staged.events === 0 && instant;
  });

const FEED = "/api/v1/feeds/meter_readings";
/** Two hours ago, at half past. */
const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000;
const reading = (readingId: string, takenAt: number, more: object = {}) => ({
  readingId,
  meter: "m-1",
  takenAt,
  receivedAt: takenAt * 1_000 + 7,
  kwh: "12.5",
  ...more,
});

describe("a feed that only a schema declares", () => {
  test("is described", async () => {
    const { feeds } = await get<{ feeds: object[] }>("/api/v1/feeds");
    expect(feeds).toMatchObject([
      {
        feed: "meter_readings",
        title: "Meter readings",
        key: "readingId",
        partition: "hour",
        writeMode: "append",
        schema,
        rows: 0,
        state: "live",
      },
    ]);
    expect((await get<{ paths: object }>("/api/v1/openapi.json")).paths).toBeDefined();
  });

  test("takes JSON and Avro, and its rows come back with all their values", async () => {
    await send([
      reading("r-1", hour + 1_800_000, {
        phases: [0.1, 2],
        day: 20_000,
        place: { city: "Ulm", height: 0.5 },
        serial: "9007199254740993",
      }),
      reading("r-2", hour + 3_600_000),
    ]);
    const container = await writeContainer(schema, [
      { ...reading("r-3", hour + 1), kwh: Buffer.from([0xff]), phases: [], day: null, place: null, serial: 5 },
    ]);
    expect(await send(container)).toEqual({ accepted: 1, rejected: [] });
    expect(await send([reading("r-4", hour)])).toEqual({ accepted: 1, rejected: [] });
    await committed();

    const { rows } = await get<{ rows: Record<string, unknown>[] }>(`${FEED}/rows`);
    expect(rows.map((row) => row["readingId"])).toEqual(["r-2", "r-1", "r-3", "r-4"]);
    expect(rows[1]).toEqual({
      readingId: "r-1",
      meter: "m-1",
      takenAt: hour + 1_800_000,
      receivedAt: (hour + 1_800_000) * 1_000 + 7,
      kwh: "12.500",
      phases: [0.1, 2],
      day: 20_000,
      place: { city: "Ulm", height: 0.5 },
      serial: "9007199254740993",
    });
    expect(rows[2]).toMatchObject({ kwh: "-0.001", phases: [], day: null, place: null, serial: 5 });
  });

  test("has tables of its own, partitioned by the hour, and no log beside them", async () => {
    const lake = join(folder, "data", "lake");
    expect((await readdir(lake)).filter((name) => !name.startsWith("."))).toEqual(["meter_readings"]);
    const iso = new Date(hour).toISOString();
    const partition = `event_hour=${iso.slice(0, 10)}-${iso.slice(11, 13)}`;
    expect(await readdir(join(lake, "meter_readings"))).toContain(partition);
    expect(await readdir(join(lake, "meter_readings"))).toContain(".hoodie");
  });

  test("answers changes, history, timeline and the past", async () => {
    const { head } = await get<FeedInfo>(FEED);
    const before = await get<{ position: string }>(`${FEED}/rows?limit=1`);
    expect(before.position).toBe(head);
    await send([reading("r-5", hour + 5)]);
    const instant = await committed();
    const changes = await get<{ up: unknown[][]; del: string[] }>(`${FEED}/changes?since=${head}`);
    expect(changes.up.map(([id]) => id)).toEqual(["r-5"]);
    expect(changes.del).toEqual([]);
    const past = await get<{ rows: object[] }>(`${FEED}/rows?at=${head}`);
    expect(past.rows).toHaveLength(4);
    const { versions } = await get<{ versions: { instant: string }[] }>(`${FEED}/history/r-5`);
    expect(versions.map((version) => version.instant)).toEqual([instant]);
    const { instants } = await get<{ instants: { instant: string }[] }>(`${FEED}/timeline`);
    expect(instants[0]!.instant).toBe(instant);
  });

  test("sends what it cannot take to its own dead letters", async () => {
    const body = [
      reading("r-6", hour),
      reading("r-7", hour, { kwh: "1.2345" }),
      reading("r-8", hour, { phases: [1, null] }),
    ];
    expect(await send(body)).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 1, field: "kwh" },
        { index: 2, field: "phases[1]" },
      ],
    });
  });

  test("has a page that shows its columns and its rows", async () => {
    const response = await fetch(`${server!.address}/feeds/meter_readings`, { headers: { accept: "text/html" } });
    expect(response.status).toBe(200);
    const html = await response.text();
    for (const text of ["Meter readings", "Meter", "m-1", "12.500"]) expect(html).toContain(text);
  });
});
