/** A storage whose every call a test can count, hold up or make fail: full disks, read-only disks, faults at each step. */
import type { Storage } from "../../src/lake/storage/storage";
import { AppError } from "../../src/model/app-error";

export type StorageMethod = Exclude<keyof Storage, "locate">;

export interface StorageCall {
  method: StorageMethod;
  path: string;
}

/** Throws to make the call fail; a promise holds it up until it settles. */
export type Interference = (call: StorageCall) => void | Promise<void>;

export interface FaultyStorage extends Storage {
  /** Every call so far, failed ones too, in order. */
  readonly calls: readonly StorageCall[];
  /** How many calls of these methods were made. */
  count(...methods: StorageMethod[]): number;
  /** Before a call does anything; replaces what was set. */
  before(interfere: Interference): void;
  /** After a call did its work: a fault here is one whose effect is there all the same. */
  after(interfere: Interference): void;
  heal(): void;
}

const WRITES = new Set<StorageMethod>(["write", "putIfAbsent", "publish", "makeFolder", "remove", "removeFolder"]);

export const isWrite = ({ method }: StorageCall): boolean => WRITES.has(method);

/** What the local disk throws when it is full, or refuses to be written. */
export const diskFull = (code: "ENOSPC" | "EROFS" | "EIO" = "ENOSPC"): AppError =>
  new AppError("disk-full", `The disk of the data directory does not take writes (${code}).`);

/** Interferes with every call that changes something. */
export const onWrites =
  (fault: () => Error): Interference =>
  (call) => {
    if (isWrite(call)) throw fault();
  };

/** Interferes with the nth (from 0) of the calls that change something, and with no other. */
export function onNthWrite(n: number, fault: () => Error): Interference {
  let seen = 0;
  return (call) => {
    if (isWrite(call) && seen++ === n) throw fault();
  };
}

/** Holds up calls until `open` is called. */
export function gate(applies: (call: StorageCall) => boolean) {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const interfere: Interference = (call) => (applies(call) ? opened : undefined);
  return { interfere, open };
}

export function faultyStorage(inner: Storage): FaultyStorage {
  const calls: StorageCall[] = [];
  const harmless: Interference = () => undefined;
  let before = harmless;
  let after = harmless;
  const wrap =
    <A extends [string, ...unknown[]], T>(method: StorageMethod, work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const call = { method, path: args[0] };
      calls.push(call);
      await before(call);
      const result = await work(...args);
      await after(call);
      return result;
    };
  return {
    calls,
    count: (...methods) => calls.filter(({ method }) => methods.includes(method)).length,
    before: (interfere) => (before = interfere),
    after: (interfere) => (after = interfere),
    heal: () => (before = after = harmless),
    locate: (path) => inner.locate(path),
    list: wrap("list", (folder: string) => inner.list(folder)),
    stat: wrap("stat", (path: string) => inner.stat(path)),
    read: wrap("read", (path: string) => inner.read(path)),
    write: wrap("write", (path: string, bytes: Uint8Array) => inner.write(path, bytes)),
    putIfAbsent: wrap("putIfAbsent", (path: string, bytes: Uint8Array, drafts?: string) =>
      inner.putIfAbsent(path, bytes, drafts),
    ),
    publish: wrap("publish", (temporary: string, path: string) => inner.publish(temporary, path)),
    makeFolder: wrap("makeFolder", (folder: string) => inner.makeFolder(folder)),
    remove: wrap("remove", (path: string) => inner.remove(path)),
    removeFolder: wrap("removeFolder", (folder: string) => inner.removeFolder(folder)),
  };
}
