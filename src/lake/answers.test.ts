import { describe, expect, it } from "vitest";
import { Answers, approximateBytes } from "./answers";

/** Counts how often it was asked; each answer takes `bytes`. */
function counted(bytes: number) {
  const ask = () => {
    ask.times++;
    return Promise.resolve({ value: ask.times, bytes });
  };
  ask.times = 0;
  return ask;
}

describe("kept answers", () => {
  it("are given again to the same question", async () => {
    const answers = new Answers(100);
    const ask = counted(10);
    expect([await answers.get("a", ask), await answers.get("a", ask), await answers.get("b", ask)]).toEqual([1, 1, 2]);
  });

  it("are shared by questions asked while the first is on its way", async () => {
    const answers = new Answers(0);
    const ask = counted(10);
    expect(await Promise.all([answers.get("a", ask), answers.get("a", ask)])).toEqual([1, 1]);
    expect(await answers.get("a", ask)).toBe(2);
  });

  it("leave when others need their room, the longest unused first", async () => {
    const answers = new Answers(25);
    const ask = counted(10);
    await answers.get("a", ask);
    await answers.get("b", ask);
    await answers.get("a", ask);
    await answers.get("c", ask);
    expect(await answers.get("a", ask)).toBe(1);
    expect(await answers.get("b", ask)).toBe(4);
  });

  it("are not kept when they failed or are larger than all room", async () => {
    const answers = new Answers(25);
    await expect(answers.get("a", () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
    const large = counted(26);
    expect([await answers.get("a", large), await answers.get("a", large)]).toEqual([1, 2]);
  });

  it("are weighed by some of their rows", () => {
    expect(approximateBytes([])).toBe(0);
    const rows = Array.from({ length: 10_000 }, () => ["x".repeat(100)]);
    expect(approximateBytes(rows)).toBeGreaterThan(1_000_000);
    expect(approximateBytes(rows)).toBeLessThan(3_000_000);
  });
});
