import { expect, it } from "vitest";
import { shortNumber } from "./short-number";

it.each([
  [0, "0"],
  [999, "999"],
  [1_000, "1.0 k"],
  [9_960, "10 k"],
  [1_234_567, "1.2 M"],
  ["9007199254740993000", "9007199 T"],
  [-1_500, "-1.5 k"],
])("%s is %s", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});
