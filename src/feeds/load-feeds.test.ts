import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "../model/app-error";
import { loadFeeds } from "./load-feeds";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-feeds-"));
});

afterEach(() => rm(folder, { recursive: true }));

const schema = (feed: string, more: object = {}) =>
  JSON.stringify({
    type: "record",
    name: "Event",
    weir: { feed, key: "id", ordering: "at", eventTime: "at", ...more },
    fields: [
      { name: "id", type: "string" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    ],
  });

async function refusal(): Promise<string> {
  const error = await loadFeeds(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe("bad-parameter");
  return (error as AppError).message;
}

test("the schemas in the repository declare the feed of pipeline events and the one of hours that follows from it", async () => {
  const [feed, hours, ...others] = await loadFeeds("avro");
  expect(others).toEqual([]);
  expect(feed).toMatchObject({ name: "pipeline_events", writeMode: "upsert", partitionColumn: "event_date" });
  expect(hours).toMatchObject({ name: "pipeline_hours", derivedFrom: "pipeline_events" });
});

test("every schema of a folder is a feed, in the order of their names; other files are left alone", async () => {
  await writeFile(join(folder, "a.avsc"), schema("zebra"));
  await writeFile(join(folder, "b.avsc"), schema("ant"));
  await writeFile(join(folder, "README.md"), "no schema");
  expect((await loadFeeds(folder)).map(({ name }) => name)).toEqual(["ant", "zebra"]);
});

test("two files that declare one feed are both named", async () => {
  await writeFile(join(folder, "a.avsc"), schema("ant"));
  await writeFile(join(folder, "b.avsc"), schema("ant"));
  expect(await refusal()).toBe("b.avsc and a.avsc both declare the feed ant; rename one of them.");
});

test("a file that is not JSON is named", async () => {
  await writeFile(join(folder, "broken.avsc"), "{");
  expect(await refusal()).toMatch(/^broken\.avsc is not JSON: /);
});

test("a schema that declares no feed is named with the attribute at fault", async () => {
  await writeFile(join(folder, "odd.avsc"), schema("ant", { partition: "week" }));
  expect(await refusal()).toMatch(/^odd\.avsc: This schema declares no feed: attribute weir\.partition: /);
});

test("a schema that is no schema inside is named, not a crash", async () => {
  const endless = {
    type: "record",
    name: "R",
    fields: [{ name: "next", type: ["null", "R"] }],
    weir: { feed: "x", key: "next", ordering: "next", eventTime: "next" },
  };
  await writeFile(join(folder, "endless.avsc"), JSON.stringify(endless));
  expect(await refusal()).toMatch(/^endless\.avsc/);
});

test("a folder without schemas, or no folder, is an error that says what to do", async () => {
  expect(await refusal()).toMatch(/holds no \.avsc file; put the Avro schema of a feed there\.$/);
  await expect(loadFeeds(join(folder, "nowhere"))).rejects.toThrow(/nowhere cannot be read/);
});
