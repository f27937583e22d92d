/** A server whose start is over. */
import { setTimeout as sleep } from "node:timers/promises";
import { hasControlPlane } from "../support/api-client";
import type { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { cpuTime, total } from "./machine";

const IDLE_SHARE = 0.3;
const LOOK_MS = 1_000;
const DATABASE_STARTS_MS = 60_000;
const IDLE_AFTER_MS = 120_000;

/**
 * Resolves when the database is open, which is made at the very first start, and the server has used little of one core for a
 * second. What it does for ever after at a tenth of a core is part of what is measured.
 */
export async function untilAtRest({ address, pid }: Pick<ServerProcess, "address" | "pid">): Promise<void> {
  await until("the control plane", () => hasControlPlane(address), DATABASE_STARTS_MS);
  const isIdle = async () => {
    const before = total(await cpuTime(pid));
    await sleep(LOOK_MS);
    return total(await cpuTime(pid)) - before < IDLE_SHARE * LOOK_MS;
  };
  await until("the server to be idle", isIdle, IDLE_AFTER_MS);
}
