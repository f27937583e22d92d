import { describe, expect, it } from "vitest";
import { normaliseError, problemId } from "./normalise-error";

describe("a normalised error", () => {
  it.each([
    ["timeout after 30 s", "timeout after <n> s"],
    ["read 1,024 of 2048 rows (-3.5%)", "read <n> of <n> rows (<n>%)"],
    ["no such file: /var/data/in/part-00012.avro", "no such file: <path>"],
    ["ENOENT C:\\jobs\\night\\run.log", "ENOENT <path>"],
    ["connect ECONNREFUSED 10.0.3.17:5432", "connect ECONNREFUSED <host>"],
    ["db-7.prod.internal:5432 refused", "<host> refused"],
    ["GET https://api.example.com/v1/orders?id=9 failed", "GET <url> failed"],
    ["late since 2026-11-21T09:00:00.123Z", "late since <time>"],
    ["batch 8c3f9a2e-4f11-4b0e-9a51-0c7be2a0f6d1 refused", "batch <id> refused"],
    ["checksum deadbeef01 differs", "checksum <id> differs"],
    ["key 'A-1002' is taken", "key '<value>' is taken"],
    ["\n  first line \nsecond line", "first line"],
    ["", "(no error message)"],
    [null, "(no error message)"],
  ])("%j becomes %j", (message, text) => {
    expect(normaliseError(message).text).toBe(text);
  });

  it.each([
    ["column 'amount' is missing", "column 'price' is missing"],
    ["HTTP 404 from upstream", "HTTP 500 from upstream"],
    ["exit code 1", "exit code 137"],
    ["java.lang.NullPointerException", "java.lang.IllegalStateException"],
    ["can't read", "can't write"],
  ])("keeps apart what says which failure it is: %j and %j", (one, other) => {
    expect(normaliseError(one).text).not.toBe(normaliseError(other).text);
  });

  it("keeps the line as it was reported and names what may differ", () => {
    expect(normaliseError("part 3 of /a/b/c")).toEqual({
      line: "part 3 of /a/b/c",
      text: "part <n> of <path>",
      ignored: ["paths", "numbers"],
    });
  });

  it("takes a hostile message in no time", () => {
    for (const part of ["a/", "1.", "'", "x.", "\\a", "[:", "0x"]) normaliseError(part.repeat(500_000));
  });

  it("gives a problem the same id everywhere, and others to other stages", () => {
    expect(problemId("orders", "load", "disk full")).toBe("1ypwqd4a329pt3oke721u");
    expect(problemId("orders", "read", "disk full")).not.toBe(problemId("orders", "load", "disk full"));
    expect(problemId("a", "bc", "x")).not.toBe(problemId("ab", "c", "x"));
  });
});
