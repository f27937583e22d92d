import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { MAX_SLICE_FILES, MAX_SLICE_ROWS, nextSlice } from "./slice";
import type { Staged } from "./staging";

// Tens of thousands of rows and hundreds of runs take a while on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const file = (number: number, events: number): Staged => ({
  name: String(number).padStart(6, "0"),
  path: "",
  events,
  bytes: events,
  at: number,
  rows: () => Promise.resolve([]),
});

/** A backlog gives at least a file to each slice, however much is new. */
const LARGEST_FILE = 10_000;

const files = (...events: number[]): Staged[] => events.map((count, i) => file(i, count));
const numbers = (slice: { files: Staged[] }): number[] => slice.files.map(({ name }) => Number(name));

test("everything that fits is one slice, in the order of arrival", () => {
  const slice = nextSlice(files(1, 5_000, 10_000), null);
  expect(numbers(slice)).toEqual([0, 1, 2]);
  expect(slice.backlogUntil).toBeNull();
});

test("of more than fits the newest go first, and what is before them is the backlog", () => {
  const slice = nextSlice(files(10_000, 10_000, 10_000, 10_000, 5_000), null);
  expect(numbers(slice)).toEqual([3, 4]);
  expect(slice.backlogUntil).toBe("000002");
});

test("then what came in since then goes before the backlog, which goes from its old end", () => {
  const staged = [...files(10_000, 10_000, 10_000), file(7, 2_000), file(8, 2_000)];
  const slice = nextSlice(staged, "000002");
  expect(numbers(slice)).toEqual([0, 7, 8]);
  expect(slice.backlogUntil).toBe("000002");
});

test("a slice has no more files than an engine can be asked to open, however small they are", () => {
  const staged = files(...Array.from({ length: 3 * MAX_SLICE_FILES }, () => 1));
  expect(nextSlice(staged, null).files).toHaveLength(MAX_SLICE_FILES);
  expect(nextSlice(staged, staged[MAX_SLICE_FILES - 1]!.name).files).toHaveLength(2 * MAX_SLICE_FILES);
});

test("a backlog that is done ends", () => {
  expect(nextSlice([file(7, 1)], "000002")).toEqual({
    files: [expect.objectContaining({ name: "000007" })],
    backlogUntil: null,
  });
  expect(nextSlice([], "000002")).toEqual({ files: [], backlogUntil: null });
});

test("a file that is larger than a slice is committed by itself", () => {
  expect(numbers(nextSlice(files(50_000), null))).toEqual([0]);
});

test("under any load the backlog shrinks, every file is taken once, slices are bounded and in order", () => {
  const load = fc.array(fc.array(fc.integer({ min: 1, max: 10_000 }), { maxLength: 6 }), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10_000 }), { maxLength: 40 }), load, (outage, arrivals) => {
      let number = 0;
      let staged = outage.map((events) => file(number++, events));
      let backlogUntil: string | null = null;
      const taken: string[] = [];
      for (let i = 0; staged.length > 0 || i < arrivals.length; i++) {
        for (const events of arrivals[i] ?? []) staged.push(file(number++, events));
        const slice = nextSlice(staged, backlogUntil);
        const names = slice.files.map(({ name }) => name);
        expect(names).toEqual(names.toSorted());
        expect(names.length > 0).toBe(staged.length > 0);
        expect(slice.files.reduce((sum, { events }) => sum + events, 0)).toBeLessThanOrEqual(
          MAX_SLICE_ROWS + LARGEST_FILE,
        );
        const oldest = staged[0]?.name;
        if (backlogUntil !== null && oldest !== undefined && oldest <= backlogUntil) expect(names).toContain(oldest);
        taken.push(...names);
        staged = staged.filter(({ name }) => !names.includes(name));
        backlogUntil = slice.backlogUntil;
      }
      expect(taken.toSorted()).toEqual(Array.from({ length: number }, (_, i) => String(i).padStart(6, "0")));
    }),
  );
});
