/** What Linux tells of a process, and how fast the machine is. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** The kernel counts in hundredths of a second on every platform that matters. */
const TICK_MS = 10;

export interface CpuTime {
  userMs: number;
  systemMs: number;
}

/** Time that a process has spent on all cores since it started. */
export async function cpuTime(pid: number): Promise<CpuTime> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces; the 14th and 15th fields are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { userMs: Number(fields[11]) * TICK_MS, systemMs: Number(fields[12]) * TICK_MS };
}

export const total = ({ userMs, systemMs }: CpuTime): number => userMs + systemMs;

/** Resident memory of a process, bytes: now and the most it ever had. */
export async function memory(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
  return { now: kib("VmRSS") * 1024, peak: kib("VmHWM") * 1024 };
}

const PACE_ROUNDS = 15;

/**
 * How long a fixed piece of work takes one core just now, ms (median): objects, strings, a sort, a hash. Figures of two runs, or of
 * two machines, are to be read against it. The first rounds are compiled and do not count.
 */
export function pace(): number {
  const times = Array.from({ length: PACE_ROUNDS }, () => {
    const startedAt = performance.now();
    const rows = Array.from({ length: 40_000 }, (_, i) => ({ at: (i * 7_919) % 1_000_003, key: `key-${i}` }));
    rows.sort((a, b) => a.at - b.at);
    createHash("sha256")
      .update(rows.map(({ key }) => key).join())
      .digest();
    return performance.now() - startedAt;
  });
  const counted = times.slice(5).toSorted((a, b) => a - b);
  return counted[counted.length >> 1]!;
}
