import { expect, test } from "vitest";
import { temporaryStorage } from "../../../tests/support/lake";
import { crc32 } from "./crc32";
import { formatProperties, parseProperties } from "./java-properties";
import {
  assertWritable,
  createProperties,
  propertiesPath,
  readProperties,
  tableChecksum,
  updateProperties,
} from "./table-properties";

const definition = {
  name: "orders",
  recordKeyField: "eventId",
  partitionField: "event_date",
  orderingField: "lastUpdatedAt",
  createSchema: '{"type":"record","name":"orders_record","fields":[]}',
  weirTableId: "5a1f0c9e-0000-4000-8000-000000000000",
  buckets: null,
};
const text = (entries: Record<string, string>) => formatProperties(new Map(Object.entries(entries)), []);

test.each([
  ["default", "v6_simplekeygen_nonhivestyle", "616688896"],
  ["default", "v6_nonpartitioned", "1363530505"],
  ["", "t", "498511606"],
  ["mydb", "orders", "2729815395"],
])("the checksum of %s.%s is the one that Spark writes", (database, name, checksum) => {
  expect(tableChecksum(database, name)).toBe(checksum);
});

test("CRC-32 is the usual one", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
});

test("properties are read by Java's rules: escapes, continued lines, any separator", () => {
  const lines = [
    "# a comment",
    "! another",
    "",
    'schema={"type"\\:"record"}',
    "  spaced key\\ s : value  ",
    "long = first \\",
    "    second",
    "unicode=\\u00e9\\ud83d\\ude00",
    "bare",
    "path=C\\:\\\\x",
  ];
  expect(Object.fromEntries(parseProperties(Buffer.from(lines.join("\r\n"), "latin1")))).toEqual({
    schema: '{"type":"record"}',
    spaced: "key s : value  ",
    long: "first second",
    unicode: "é😀",
    bare: "",
    path: "C:\\x",
  });
});

test("what is written is read back, whatever it holds", () => {
  const entries = new Map([
    ["k:=# !", " leading, trailing \\ "],
    ["emoji", "😀\n\t\r\f é"],
  ]);
  const bytes = formatProperties(entries, ["Properties saved on today"]);
  expect(parseProperties(bytes)).toEqual(entries);
  expect(Buffer.from(bytes).every((byte) => byte < 0x80)).toBe(true);
});

test("a new table is version 6, copy on write, and says what Spark asks of a table", async () => {
  const storage = await temporaryStorage();
  expect(await readProperties(storage, "lake/orders")).toBeNull();
  await createProperties(storage, "lake/orders", definition);
  const properties = (await readProperties(storage, "lake/orders"))!;
  expect(properties).toMatchObject({
    name: "orders",
    version: 6,
    recordKeyFields: ["eventId"],
    partitionFields: ["event_date"],
    orderingFields: ["lastUpdatedAt"],
    hiveStyle: true,
    hasMetaFields: true,
    timelineFolder: ".hoodie",
    createSchema: definition.createSchema,
    weirTableId: definition.weirTableId,
  });
  expect(properties.raw.get("hoodie.table.checksum")).toBe(tableChecksum("", "orders"));
  expect(() => assertWritable(properties)).not.toThrow();
});

test("both spellings of the names that changed are understood", async () => {
  const storage = await temporaryStorage();
  const entries = {
    "hoodie.table.name": "t",
    "hoodie.table.type": "COPY_ON_WRITE",
    "hoodie.table.version": "9",
    "hoodie.timeline.layout.version": "2",
    "hoodie.table.ordering.fields": "ts,seq",
    "hoodie.table.partition.fields": "region:simple,ts:timestamp",
    "hoodie.table.checksum": "498511606",
  };
  await storage.write(propertiesPath("t"), text(entries));
  const properties = (await readProperties(storage, "t"))!;
  expect(properties.orderingFields).toEqual(["ts", "seq"]);
  expect(properties.partitionFields).toEqual(["region", "ts"]);
  expect(properties.timelineFolder).toBe(".hoodie/timeline");
  expect(() => assertWritable(properties)).toThrow("its version is 9 and Weir writes version 6");
});

test.each([
  ["hoodie.table.version", "5", "its version is 5; versions 6, 8 and 9 are read"],
  ["hoodie.table.version", "10", "its version is 10"],
  ["hoodie.table.type", "MERGE_ON_READ", "its type is MERGE_ON_READ"],
  ["hoodie.timeline.layout.version", "2", "timeline layout 2 does not belong to version 6"],
  ["hoodie.table.base.file.format", "ORC", "its files are ORC"],
  ["hoodie.bootstrap.base.path", "/somewhere", "bootstrapped"],
  ["hoodie.datasource.write.drop.partition.columns", "true", "lack the partition columns"],
])("a table with %s=%s is refused by name", async (key, value, reason) => {
  const storage = await temporaryStorage();
  await createProperties(storage, "t", definition);
  const { raw } = (await readProperties(storage, "t"))!;
  await storage.write(propertiesPath("t"), formatProperties(new Map([...raw, [key, value]]), []));
  await expect(readProperties(storage, "t")).rejects.toMatchObject({
    code: "read-only",
    message: expect.stringContaining(reason),
  });
});

test("an update keeps what it does not change and removes Hadoop's sidecar checksums", async () => {
  const storage = await temporaryStorage();
  await createProperties(storage, "t", definition);
  await storage.write("t/.hoodie/.hoodie.properties.crc", Buffer.from("stale"));
  await updateProperties(storage, "t", new Map([["hoodie.table.metadata.partitions", ""]]));
  expect((await readProperties(storage, "t"))!.raw.get("weir.table.id")).toBe(definition.weirTableId);
  expect((await storage.list("t/.hoodie")).filter(({ isFolder }) => !isFolder).map(({ name }) => name)).toEqual([
    "hoodie.properties",
  ]);
});

test("an update that was interrupted is read from its backup", async () => {
  const storage = await temporaryStorage();
  await createProperties(storage, "t", definition);
  const bytes = await storage.read(propertiesPath("t"));
  await storage.write(`${propertiesPath("t")}.backup`, bytes);
  await storage.write(propertiesPath("t"), Buffer.from(bytes).subarray(0, 40));
  expect((await readProperties(storage, "t"))!.name).toBe("orders");
});

test("a table whose only properties are broken is not taken for a missing one", async () => {
  const storage = await temporaryStorage();
  await storage.write(propertiesPath("t"), text({ "hoodie.table.name": "t", "hoodie.table.checksum": "1" }));
  await expect(readProperties(storage, "t")).rejects.toThrow("its checksum is wrong");
});
