import { describe, expect, it, vi } from "vitest";
import { SharedLook } from "./shared-look";

function looks() {
  const asked: ((value: number) => void)[] = [];
  const clock = { ms: 0, now: () => clock.ms };
  const look = new SharedLook<number>(() => new Promise((resolve) => asked.push(resolve)), clock, 1_000);
  return { look, clock, asked };
}

describe("a shared look", () => {
  it("answers everybody who asks meanwhile with one look", async () => {
    const { look, asked } = looks();
    const answers = [look.get(), look.get(), look.get()];
    asked[0]!(7);
    expect(await Promise.all(answers)).toEqual([7, 7, 7]);
    expect(asked).toHaveLength(1);
  });

  it("looks once per interval, however often it is asked", async () => {
    const { look, clock, asked } = looks();
    const first = look.get();
    asked[0]!(1);
    await first;
    clock.ms = 999;
    expect(await look.get()).toBe(1);
    clock.ms = 1_000;
    const second = look.get();
    asked[1]!(2);
    expect(await second).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it("believes whoever knows better than a look that is on its way", async () => {
    const { look, asked } = looks();
    const late = look.get();
    look.tell(5);
    asked[0]!(4);
    expect(await late).toBe(5);
    expect(await look.get()).toBe(5);
  });

  it("looks at once when it is told to, or told that things have changed", async () => {
    const { look, asked } = looks();
    look.tell(1);
    const again = look.again();
    asked[0]!(2);
    expect(await again).toBe(2);
    look.forget();
    const next = look.get();
    asked[1]!(3);
    expect(await next).toBe(3);
  });

  it("does not take a look that was on its way for one after the change", async () => {
    const { look, asked } = looks();
    const before = look.get();
    look.forget();
    const after = look.get();
    asked[0]!(1);
    expect(await before).toBe(1);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    asked[1]!(2);
    expect(await after).toBe(2);
    expect(await look.get()).toBe(2);
  });

  it("gives those who ask for a new look during one the next one, together", async () => {
    const { look, asked } = looks();
    const first = look.get();
    const later = [look.again(), look.again()];
    expect(asked).toHaveLength(1);
    asked[0]!(1);
    expect(await first).toBe(1);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    asked[1]!(2);
    expect(await Promise.all(later)).toEqual([2, 2]);
  });

  it("asks again after a look that failed", async () => {
    let fails = true;
    const clock = { now: () => 0 };
    const look = new SharedLook(
      () => (fails ? Promise.reject(new Error("away")) : Promise.resolve("here")),
      clock,
      1_000,
    );
    await expect(look.get()).rejects.toThrow("away");
    fails = false;
    expect(await look.get()).toBe("here");
  });
});
