import { describe, expect, it } from "vitest";
import { describeAddress, parseSparkUrl, SparkAddressError } from "./spark-url";

const plain = {
  host: "spark.example.org",
  port: 10_000,
  database: "default",
  user: "weir",
  password: null,
  transport: "binary",
  sasl: "plain",
  tls: false,
  caFile: null,
  serverName: null,
  path: "/cliservice",
};

describe("the address of a Spark server", () => {
  it.each([
    ["hive2://spark.example.org", {}],
    ["hive2://spark.example.org:10001/lake", { port: 10_001, database: "lake" }],
    ["hive2://spark.example.org:80/", { port: 80 }],
    ["hive2://spark.example.org:21", { port: 21 }],
    ["hive2://ann:p%40ss%2F@spark.example.org", { user: "ann", password: "p@ss/" }],
    ["hive2://ann@spark.example.org", { user: "ann" }],
    ["hive2://127.0.0.1:9/default", { host: "127.0.0.1", port: 9 }],
    ["hive2://[::1]:9", { host: "::1", port: 9 }],
    ["hive2://spark.example.org?transport=http", { transport: "http", port: 10_001 }],
    ["hive2://spark.example.org/?transport=http&path=a/b", { transport: "http", port: 10_001, path: "/a/b" }],
    ["hive2://spark.example.org?auth=nosasl", { sasl: "none" }],
    [
      "hive2://spark.example.org?ssl=true&ca=/etc/ca.pem&servername=s",
      { tls: true, caFile: "/etc/ca.pem", serverName: "s" },
    ],
  ])("is read from %s", (text, more) => {
    expect(parseSparkUrl(text)).toEqual({ ...plain, ...more });
  });

  it.each([
    ["", /must be an address such as/],
    ["spark.example.org:10000", /must be an address such as/],
    ["http://spark.example.org", /must be an address such as/],
    ["hive2://", /must be an address such as/],
    ["hive2://spark.example.org:99999", /must be an address such as/],
    ["hive2://spark.example.org:0", /must be an address such as/],
    ["hive2://spark.example.org/a-b", /names the database "a-b"/],
    ["hive2://spark.example.org?transport=carrier", /has transport="carrier"; it may be binary or http/],
    ["hive2://spark.example.org?sll=true", /has the parameter "sll"; there are transport, auth/],
    ["hive2://ann:100%@spark.example.org", /has a password with a % that is no escape/],
    ["hive2://ann%00:x@spark.example.org", /has a user with a character that no login can hold/],
    ["hive2://spark.example.org#x", /without #/],
  ])("is refused as %j, in words", (text, words) => {
    expect(() => parseSparkUrl(text)).toThrow(SparkAddressError);
    expect(() => parseSparkUrl(text)).toThrow(words);
  });

  it("is shown to people without user and password", () => {
    expect(describeAddress(parseSparkUrl("hive2://ann:s3cret@[::1]:9"))).toBe("[::1]:9");
  });
});
