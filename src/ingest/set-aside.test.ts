import { describe, expect, it } from "vitest";
import { AppError } from "../model/app-error";
import { SetAside } from "./set-aside";
import type { Staged } from "./staging";

const file = (name: string): Staged => ({
  name,
  path: `staging/f/${name}`,
  events: 1,
  bytes: 1,
  at: 0,
  rows: () => Promise.resolve([]),
});

/** Lets the same files fail until the committer would have tried each of them alone, at most ten times. */
function failUntilSetAside(aside: SetAside, files: readonly Staged[], error: Error): string[] {
  for (let i = 0; i < 10 && aside.ready(files, 0).length === files.length; i++)
    aside.failed(aside.narrow(files), error, 0);
  return aside.ready(files, 0).map(({ name }) => name);
}

describe("what a commit fails on", () => {
  it("a damaged staged file is set aside, so that it does not hold up the others (invariant 6)", () => {
    const damaged = new AppError("bad-body", "The header of the Avro container file is damaged: it names no schema.");
    expect(failUntilSetAside(new SetAside(), [file("a"), file("b")], damaged)).toEqual(["b"]);
  });

  it("a staged file that somebody took away is set aside too", () => {
    const missing = new AppError("not-found", "There is no file staging/f/a.");
    expect(failUntilSetAside(new SetAside(), [file("a"), file("b")], missing)).toEqual(["b"]);
  });

  it("a full disk is no file's fault", () => {
    const full = new AppError("disk-full", "The disk of the data directory does not take writes.");
    expect(failUntilSetAside(new SetAside(), [file("a"), file("b")], full)).toEqual(["a", "b"]);
  });
});
