/** A storage that goes wrong at its n-th call, for tests that try every n. */
import type { Storage } from "~/lake/storage/storage";

/**
 * - `stop`: the call and all after it fail, as if the process had ended before it.
 * - `stop-after`: the call takes effect, then it and all after it fail; only calls that change something are counted.
 * - `fail-once`: the call fails and everything works again.
 */
export type Fault = "stop" | "stop-after" | "fail-once";

export class StorageStopped extends Error {
  override readonly name = "StorageStopped";
}

const READING = ["list", "stat", "read"] as const;
const CHANGING = ["write", "putIfAbsent", "publish", "makeFolder", "remove", "removeFolder"] as const;

export interface StoppingStorage {
  storage: Storage;
  /** From now on, goes wrong at the n-th call (1 = the next). */
  arm(n: number, fault: Fault): void;
  /** Whether it has; from now on everything works. */
  disarm(): boolean;
}

export function stoppingStorage(inner: Storage): StoppingStorage {
  let left = Infinity;
  let fault: Fault = "stop";
  let isStopped = false;
  let hasHit = false;
  const guarded =
    (method: string, call: (...args: never[]) => Promise<unknown>, isCounted: () => boolean) =>
    async (...args: never[]) => {
      if (isStopped) throw new StorageStopped("the storage has stopped");
      if (!isCounted() || --left !== 0) return call(...args);
      hasHit = true;
      isStopped = fault !== "fail-once";
      if (fault === "stop-after") await call(...args);
      throw new StorageStopped(`${method} went wrong`);
    };
  const storage = { ...inner } as Record<string, unknown>;
  const guard = (method: (typeof READING | typeof CHANGING)[number], isCounted: () => boolean) => {
    const call = inner[method].bind(inner) as unknown as (...args: never[]) => Promise<unknown>;
    storage[method] = guarded(method, call, isCounted);
  };
  for (const method of READING) guard(method, () => fault !== "stop-after");
  for (const method of CHANGING) guard(method, () => true);
  return {
    storage: storage as unknown as Storage,
    arm(n, kind) {
      left = n;
      fault = kind;
    },
    disarm() {
      left = Infinity;
      isStopped = false;
      return hasHit;
    },
  };
}
