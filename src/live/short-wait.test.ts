import { expect, test, vi } from "vitest";
import { ShortWait } from "./short-wait";

const never = new Promise<string>(() => undefined);

test("what comes in time is told, and what fails is not", async () => {
  const wait = new ShortWait(60_000);
  expect(await wait.for(Promise.resolve("there"))).toBe("there");
  expect(await wait.for(Promise.reject(new Error("away")))).toBeUndefined();
});

test("what was waited for in vain is not waited for again until it has come", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const wait = new ShortWait(20);
    let come: (text: string) => void = () => undefined;
    const asked = new Promise<string>((resolve) => (come = resolve));
    const first = wait.for(asked);
    await vi.advanceTimersByTimeAsync(20);
    expect(await first).toBeUndefined();

    // No timer moves any more: whoever waited would wait for ever.
    expect(await wait.for(never)).toBeUndefined();
    expect(await wait.for(Promise.resolve("known"))).toBe("known");

    come("there");
    await vi.advanceTimersByTimeAsync(0);
    const second = wait.for(never);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(await second).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
