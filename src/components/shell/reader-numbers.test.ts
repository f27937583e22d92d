import { describe, expect, it } from "vitest";
import { looksCookie, looksOfCookies, LOOKS_COOKIE } from "./looks";
import { readerNumbers } from "./reader-numbers";

describe("readerNumbers", () => {
  it("follows the first language of the browser", () => {
    expect(readerNumbers("auto", "de-DE,de;q=0.9,en;q=0.8")).toEqual({ group: ".", decimal: "," });
    expect(readerNumbers("auto", "en-GB,de;q=0.5")).toEqual({ group: ",", decimal: "." });
    expect(readerNumbers("auto", "fr")).toEqual({ group: "\u202F", decimal: "," });
    expect(readerNumbers("auto", "ar-EG")).toMatchObject({ group: expect.stringMatching(/^.$/) as unknown });
  });

  it("is plain for what names no language", () => {
    for (const header of [null, undefined, "", "*", "<script>", "de_DE", `${"x".repeat(9)}`, "zz-zz"])
      expect(readerNumbers("auto", header)).toEqual({ group: ",", decimal: "." });
  });

  it("is what the preference says, whatever the browser's language", () => {
    expect(readerNumbers("apostrophe", "de")).toEqual({ group: "’", decimal: "." });
    expect(readerNumbers("space", "en")).toEqual({ group: "\u00A0", decimal: "," });
  });
});

describe("the looks cookie", () => {
  const read = (value: string) => looksOfCookies(`a=b; ${LOOKS_COOKIE}=${value}; c=d`);

  it("carries numbers, and one of before is read as it was", () => {
    const looks = { zone: "Europe/Berlin", density: "compact", keys: false, numbers: "dot" } as const;
    expect(read(looksCookie(looks))).toEqual(looks);
    expect(read("Europe/Berlin~compact~off")).toEqual({ ...looks, numbers: "auto" });
  });

  it("is as if it were not there when it holds something else", () => {
    expect(read("Europe/Berlin~compact~off~roman")).toEqual({
      zone: "UTC",
      density: "comfortable",
      keys: true,
      numbers: "auto",
    });
  });
});
