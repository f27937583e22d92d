/** The real server, killed at random moments under load. `npm run bench crash` does the same more often. */
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { crashRun } from "../support/crash/crash-run";
import { removeFolder } from "../support/remove-folder";

const KILLS = 12;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(os.tmpdir(), "weir-crash-"));
});

afterAll(() => removeFolder(dataDir));

it(`keeps everything that it acknowledged, once and in order, over ${KILLS} kills (invariants 1, 2, 3, 4 and 5)`, async () => {
  const report = await crashRun({ seed: SEED, kills: KILLS, dataDir, maxLifeMs: 2_000 });
  expect(report.faults, `run it again with CRASH_SEED=${SEED}`).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(0);
});
