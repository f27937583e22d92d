import { expect, it } from "vitest";
import { AppError } from "../model/app-error";
import { LOCAL_USER, SECRET_HOLDER, type Actor } from "./actor";
import { LastShown, lastShownOf, readOrLastShown } from "./last-shown";

const NOW = Date.parse("2026-11-21T10:00:00Z");

/** A database that holds `value`, or is away. */
function database() {
  const state = { value: "first", now: NOW, fault: null as AppError | null, isSilent: false };
  const control = { database: () => Promise.reject(new Error("not asked here")), explain: (error: unknown) => error };
  const read = (actor: Actor = LOCAL_USER) => {
    const ctx = { control, actor, clock: { now: () => state.now } };
    return readOrLastShown(ctx, "thing 1", () => {
      if (state.isSilent) return new Promise<string>(() => undefined);
      return state.fault ? Promise.reject(state.fault) : Promise.resolve(state.value);
    });
  };
  return { state, read, reads: lastShownOf({ control }) };
}
const away = () => new AppError("control-unavailable", "The database is away.");

it("is what the database says while it is there, and what it said last with the time of that while it is away", async () => {
  const { state, read } = database();
  expect(await read()).toEqual({ value: "first", keptAt: null });
  Object.assign(state, { value: "second", now: NOW + 1_000 });
  expect(await read()).toEqual({ value: "second", keptAt: null });
  Object.assign(state, { fault: away(), now: NOW + 60_000 });
  expect(await read()).toEqual({ value: "second", keptAt: NOW + 1_000 });
});

it("waits for no database that says nothing: it is as if it were away", async () => {
  const { state, read } = database();
  await read(LOCAL_USER);
  state.isSilent = true;
  expect(await read(LOCAL_USER)).toEqual({ value: "first", keptAt: NOW });
  await expect(read(SECRET_HOLDER)).rejects.toMatchObject({
    code: "control-unavailable",
    message: expect.stringContaining("does not answer just now") as string,
    details: { retryAfterMs: 5_000 },
  });
});

it("shows nobody what they were not shown before", async () => {
  const { state, read } = database();
  await read(LOCAL_USER);
  state.fault = away();
  await expect(read(SECRET_HOLDER)).rejects.toMatchObject({ code: "control-unavailable" });
});

it("forgets what the database refuses, and for everybody what this process withdraws", async () => {
  const { state, read, reads } = database();
  await read(LOCAL_USER);
  await read(SECRET_HOLDER);
  state.fault = new AppError("not-found", "There is no such thing.");
  await expect(read(LOCAL_USER)).rejects.toMatchObject({ code: "not-found" });
  state.fault = away();
  await expect(read(LOCAL_USER)).rejects.toMatchObject({ code: "control-unavailable" });
  expect(await read(SECRET_HOLDER)).toMatchObject({ value: "first" });
  reads.withdraw("thing 1");
  await expect(read(SECRET_HOLDER)).rejects.toMatchObject({ code: "control-unavailable" });
});

it("does not keep what was asked before it was withdrawn", async () => {
  const { state, read, reads } = database();
  const reading = read();
  reads.withdraw("thing 1");
  expect(await reading).toEqual({ value: "first", keptAt: null });
  state.fault = away();
  await expect(read()).rejects.toMatchObject({ code: "control-unavailable" });
});

it("passes on what is no fault of the database", async () => {
  const { state, read } = database();
  await read();
  state.fault = new AppError("bad-body", "A newer program kept this.");
  await expect(read()).rejects.toMatchObject({ code: "bad-body" });
});

it("is bounded by entries and by size, and lets go first of what was not looked at for longest", () => {
  const reads = new LastShown();
  for (let n = 0; n < 2_000; n++) reads.keep(LOCAL_USER, `thing ${n}`, n, NOW);
  expect(reads.find(LOCAL_USER, "thing 0")).toMatchObject({ value: 0 });
  reads.keep(LOCAL_USER, "thing 2000", 2_000, NOW);
  expect(reads.find(LOCAL_USER, "thing 1")).toBeNull();
  expect(reads.find(LOCAL_USER, "thing 0")).not.toBeNull();
  const large = "x".repeat(12 * 1024 * 1024);
  for (let n = 0; n < 3; n++) reads.keep(LOCAL_USER, `large ${n}`, large, NOW);
  expect([0, 1, 2].map((n) => reads.find(LOCAL_USER, `large ${n}`) !== null)).toEqual([false, true, true]);
  reads.keep(LOCAL_USER, "larger", large + large + large, NOW);
  expect(reads.find(LOCAL_USER, "larger")).toBeNull();
  expect(reads.find(LOCAL_USER, "large 2")).not.toBeNull();
});
