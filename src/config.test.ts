import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig, unknownSettings } from "./config";

describe("the environment", () => {
  it("follows tables that others write, in a folder or where the catalog has them", () => {
    expect(readConfig({}).adopted).toBeNull();
    expect(readConfig({ WEIR_WRITER: "none" }).adopted).toEqual({ isNamed: false });
    expect(readConfig({ WEIR_WRITER: "none", WEIR_LAKE_URL: "file:/srv/lake" }).adopted).toEqual({ isNamed: true });
    const pulled = { WEIR_PUBSUB_PROJECT: "p-1", WEIR_PUBSUB_SUBSCRIPTIONS: "pipeline_events=weir-events" };
    expect(() => readConfig({ WEIR_WRITER: "none", ...pulled })).toThrow("WEIR_WRITER=none follows what others write");
  });

  it("may be empty: a laptop needs no settings", () => {
    expect(readConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 3000,
      retainMs: 600_000,
      hotRows: 100_000,
      stagingMaxBytes: 1024 ** 3,
      maxBodyBytes: 32 * 1024 ** 2,
      secret: null,
    });
  });

  it.each([
    ["WEIR_PORT", "99999", 'WEIR_PORT must be between 0 and 65535 (it is "99999").'],
    ["WEIR_PORT", "http", 'WEIR_PORT must be a whole number (it is "http").'],
    ["WEIR_RETAIN", "soon", 'WEIR_RETAIN must be a duration such as "10m" (it is "soon").'],
    ["WEIR_MAX_BODY", "-1", 'WEIR_MAX_BODY must be a number of bytes such as "1073741824" or "1GiB" (it is "-1").'],
    ["WEIR_DATA_DIR", "/srv/weir[1]", 'WEIR_DATA_DIR must be a path without *, ?, [ and ] (it is "/srv/weir[1]").'],
    [
      "WEIR_LAKE_URL",
      "s3://bucket/lake",
      'WEIR_LAKE_URL must be a folder that this process reaches as well: file:/srv/lake, or gs://bucket/lake (letters, digits, -, _, . and =) (it is "s3://bucket/lake").',
    ],
    [
      "WEIR_LAKE_URL",
      "gs://bucket/lake",
      "WEIR_LAKE_URL names a bucket (gs://bucket/lake), which Spark reads and writes: set WEIR_ENGINE=spark and WEIR_SPARK_URL.",
    ],
    ["WEIR_LAKE_URL", "file:/srv/l*", 'WEIR_LAKE_URL must be a path without *, ?, [ and ] (it is "/srv/l*").'],
    ["WEIR_ORIGIN", "ftp://x", 'WEIR_ORIGIN must be an address such as https://weir.example.org (it is "ftp://x").'],
  ])("refuses %s=%s with a sentence that names it", (name, value, sentence) => {
    expect(() => readConfig({ [name]: value })).toThrow(sentence);
  });

  it("keeps the lake in the data directory unless it is told another folder, in either spelling of a file address", () => {
    expect(readConfig({ WEIR_DATA_DIR: "/srv/weir" }).lake).toEqual({ kind: "disk", path: "/srv/weir/lake" });
    expect(readConfig({ WEIR_LAKE_URL: "file:/srv/a%20lake" }).lake).toEqual({ kind: "disk", path: "/srv/a lake" });
    expect(readConfig({ WEIR_LAKE_URL: "file:///srv/lake/" }).lake).toEqual({ kind: "disk", path: "/srv/lake" });
  });

  it("has the lake in a bucket where Spark reads and writes it", () => {
    const spark = { WEIR_ENGINE: "spark", WEIR_SPARK_URL: "hive2://spark:10000/lake" };
    const bucket = { kind: "google-bucket", bucket: "our.data-1", folder: "weir/lake", endpoint: null };
    expect(readConfig({ ...spark, WEIR_LAKE_URL: "gs://our.data-1/weir/lake/" }).lake).toEqual(bucket);
    const endpoint = "http://127.0.0.1:8686";
    const elsewhere = { ...spark, WEIR_LAKE_URL: "gs://our.data-1/weir/lake", WEIR_GCS_ENDPOINT: `${endpoint}/` };
    expect(readConfig(elsewhere).lake).toEqual({ ...bucket, endpoint });
    for (const url of [
      "gs://bucket",
      "gs://bucket/",
      "gs://bucket//lake",
      "gs://bucket/a*",
      "gs://bUcket/lake",
      "gs://bucket/..",
      "gs://bucket/a/../lake",
      "gs://bucket/./lake",
      "gs:/b/lake",
    ]) {
      expect(() => readConfig({ ...spark, WEIR_LAKE_URL: url })).toThrow("WEIR_LAKE_URL must be a folder");
    }
    const halfElsewhere = { ...elsewhere, STORAGE_EMULATOR_HOST: endpoint };
    expect(() => readConfig(halfElsewhere)).toThrow("STORAGE_EMULATOR_HOST is set");
  });

  it("takes the address of a Spark server, from a file too, and never repeats it in an error", () => {
    const spark = { WEIR_ENGINE: "spark", WEIR_SPARK_URL: "hive2://me:secret@spark:10001/lake" };
    expect(readConfig(spark).engine).toMatchObject({
      kind: "spark",
      address: { host: "spark", port: 10001, database: "lake", user: "me", password: "secret" },
    });
    expect(() => readConfig({ WEIR_ENGINE: "spark" })).toThrow("WEIR_ENGINE=spark needs WEIR_SPARK_URL");
    expect(() => readConfig({ ...spark, WEIR_SPARK_URL: "http://me:secret@spark" })).toThrow(
      /^WEIR_SPARK_URL must be an address such as hive2:\/\/host:10000\/default\.$/,
    );
  });

  it("takes sizes and durations with units", () => {
    expect(readConfig({ WEIR_STAGING_MAX: "2GiB", WEIR_MAX_BODY: "512k", WEIR_RETAIN: "2h" })).toMatchObject({
      stagingMaxBytes: 2 * 1024 ** 3,
      maxBodyBytes: 512 * 1024,
      retainMs: 7_200_000,
    });
  });

  it("refuses to listen beyond loopback without a secret, and says what to set", () => {
    expect(() => readConfig({ WEIR_HOST: "0.0.0.0" })).toThrow("set WEIR_SECRET");
    expect(readConfig({ WEIR_HOST: "0.0.0.0", WEIR_SECRET: "a-long-enough-secret" }).secret).toBe(
      "a-long-enough-secret",
    );
  });

  it("never repeats a secret in an error", () => {
    expect(() => readConfig({ WEIR_SECRET: "short" })).toThrow(/^WEIR_SECRET must have at least 16 characters\.$/);
  });

  it("reads secrets from files", () => {
    const folder = mkdtempSync(join(tmpdir(), "weir-secret-"));
    try {
      writeFileSync(join(folder, "secret"), "a-long-enough-secret\n");
      expect(readConfig({ WEIR_SECRET_FILE: join(folder, "secret") }).secret).toBe("a-long-enough-secret");
      expect(() => readConfig({ WEIR_SECRET_FILE: join(folder, "none") })).toThrow("which cannot be read");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("names settings that do not exist, so that a misspelt one is not silently without effect", () => {
    expect(unknownSettings({ WEIR_PROT: "1", WEIR_PORT: "1", PATH: "" })).toEqual(["WEIR_PROT"]);
  });
});

describe("Pub/Sub", () => {
  const project = { WEIR_PUBSUB_PROJECT: "acme-data" };

  it("pulls nothing unless told", () => {
    const nothing = { project: null, subscriptions: [], emulatorHost: null, attempts: 5, push: null };
    expect(readConfig({}).pubsub).toEqual(nothing);
  });

  it("is given subscriptions by feed", () => {
    const list = "pipeline_events=weir-events, audits = projects/other/subscriptions/audits";
    const env = { ...project, WEIR_PUBSUB_SUBSCRIPTIONS: list, PUBSUB_EMULATOR_HOST: "127.0.0.1:8085" };
    expect(readConfig(env).pubsub).toMatchObject({
      project: "acme-data",
      emulatorHost: "127.0.0.1:8085",
      subscriptions: [
        { feed: "pipeline_events", subscription: "weir-events" },
        { feed: "audits", subscription: "projects/other/subscriptions/audits" },
      ],
    });
  });

  it.each([
    ["pipeline_events", /must be a list such as/],
    ["a=x", /must be a list such as/],
    ["a=events,a=others", /must be a list such as/],
    ["a=events,b=events", /must be a list such as/],
    ["a=ev ents", /must be a list such as/],
  ])("refuses the subscriptions %s", (list, message) => {
    expect(() => readConfig({ ...project, WEIR_PUBSUB_SUBSCRIPTIONS: list })).toThrow(message);
  });

  it.each([
    [{ WEIR_PUBSUB_SUBSCRIPTIONS: "a=events" }, /needs WEIR_PUBSUB_PROJECT/],
    [{ WEIR_PUBSUB_PUSH_EMAIL: "push@acme.iam.gserviceaccount.com" }, /needs WEIR_PUBSUB_PUSH_AUDIENCE/],
    [{ WEIR_PUBSUB_PROJECT: "Acme Data" }, /must be the id of a Google Cloud project/],
    [{ PUBSUB_EMULATOR_HOST: "http://localhost" }, /must be host:port/],
    [{ WEIR_PUBSUB_ATTEMPTS: "0" }, /between 1 and 100/],
  ])("refuses %j", (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });
});
