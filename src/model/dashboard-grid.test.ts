import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COLUMNS, put, resize, samePlaces, settle, SMALLEST, step, TALLEST, type Placed } from "./dashboard-grid";

const at = (id: string, x: number, y: number, w: number, h: number): Placed => ({ id, place: { x, y, w, h } });
const places = (panels: readonly Placed[]) =>
  Object.fromEntries(panels.map(({ id, place: { x, y, w, h } }) => [id, [x, y, w, h]]));

const anyPanels = fc
  .array(
    fc.record({
      x: fc.integer({ min: -3, max: 15 }),
      y: fc.integer({ min: -2, max: 40 }),
      w: fc.integer({ min: 0, max: 14 }),
      h: fc.integer({ min: 0, max: 30 }),
    }),
    { maxLength: 24 },
  )
  .map((all) => all.map((place, i) => ({ id: `p${i}`, place })));

const overlaps = (panels: readonly Placed[]) =>
  panels.flatMap(({ id, place: a }, i) =>
    panels
      .slice(i + 1)
      .filter(({ place: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
      .map((other) => `${id} and ${other.id}`),
  );

describe("the grid of a dashboard", () => {
  it("never lets panels overlap, leave the grid or hang in the air, whatever it is given", () => {
    fc.assert(
      fc.property(anyPanels, fc.nat(30), (panels, n) => {
        const settled = settle(panels, `p${n}`);
        expect(overlaps(settled)).toEqual([]);
        expect(settled.map(({ id }) => id).sort()).toEqual(panels.map(({ id }) => id).sort());
        for (const { id, place } of settled) {
          expect(place.x).toBeGreaterThanOrEqual(0);
          expect(place.x + place.w).toBeLessThanOrEqual(COLUMNS);
          expect(place.w).toBeGreaterThanOrEqual(SMALLEST);
          expect(place.h).toBeLessThanOrEqual(TALLEST);
          const higher = settled.map((one) => (one.id === id ? at(id, place.x, place.y - 1, place.w, place.h) : one));
          expect(place.y === 0 || overlaps(higher).length > 0).toBe(true);
        }
      }),
    );
  });

  it("changes nothing that has settled", () => {
    fc.assert(
      fc.property(anyPanels, (panels) => {
        const settled = settle(panels);
        expect(settle(settled)).toEqual(settled);
      }),
    );
  });

  it("keeps the sizes of all panels when one is moved", () => {
    fc.assert(
      fc.property(anyPanels, fc.nat(15), fc.nat(40), (panels, x, y) => {
        fc.pre(panels.length > 0);
        const settled = settle(panels);
        const { id, place } = settled[0]!;
        const sizes = (all: readonly Placed[]) => new Map(all.map((one) => [one.id, [one.place.w, one.place.h]]));
        expect(sizes(put(settled, id, { ...place, x, y }))).toEqual(sizes(settled));
      }),
    );
  });

  it("pushes down what a panel is moved onto, and closes the gap that it left", () => {
    const panels = [at("a", 0, 0, 6, 4), at("b", 0, 4, 6, 3), at("c", 6, 0, 6, 2)];
    expect(places(put(panels, "c", { x: 0, y: 0, w: 6, h: 2 }))).toEqual({
      c: [0, 0, 6, 2],
      a: [0, 2, 6, 4],
      b: [0, 6, 6, 3],
    });
  });

  it("steps past the next panel up and down, and back to where it was", () => {
    const panels = [at("a", 0, 0, 6, 4), at("b", 0, 4, 6, 2), at("c", 0, 6, 6, 2)];
    const down = step(panels, "a", "down")!;
    expect(places(down)).toEqual({ b: [0, 0, 6, 2], a: [0, 2, 6, 4], c: [0, 6, 6, 2] });
    expect(samePlaces(step(down, "a", "up")!, panels)).toBe(true);
  });

  it("says when there is nothing in a direction, and when a size is at its bound", () => {
    const panels = [at("a", 0, 0, 12, 2)];
    for (const direction of ["left", "right", "up", "down"] as const) expect(step(panels, "a", direction)).toBeNull();
    expect(resize(panels, "a", 1, 0)).toBeNull();
    expect(resize(panels, "a", 0, -1)).toBeNull();
    expect(places(resize(panels, "a", -1, 1)!)).toEqual({ a: [0, 0, 11, 3] });
    expect(step(panels, "nobody", "up")).toBeNull();
  });
});
