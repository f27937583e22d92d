import fc from "fast-check";
import { expect, test } from "vitest";
import { scanPiece } from "./scan-piece";

test("a scan is asked for in pieces of about the wanted size, the last one too", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1_000, max: 100_000 }), (total, rows) => {
      for (let left = total; left > 0; left -= scanPiece(left, rows)) {
        const piece = scanPiece(left, rows);
        expect(piece).toBeGreaterThanOrEqual(Math.min(total, rows / 2));
        expect(piece).toBeLessThanOrEqual(Math.ceil(rows * 1.5));
      }
    }),
    { examples: [[102_000, 50_000]] },
  );
});

test("without an end the pieces are of the wanted size", () => {
  expect(scanPiece(Number.MAX_SAFE_INTEGER - 1, 50_000)).toBe(50_000);
});
