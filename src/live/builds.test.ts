import { expect, test } from "vitest";
import { Builds } from "./builds";

/** Builds that end when they are told to. */
function builds() {
  const begun: { end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const build = () => new Promise<string>((end, fail) => begun.push({ end, fail }));
  return { begun, build };
}

test("so many run at once, the others follow in order, and one too many is told to come back (invariant 6)", async () => {
  const queue = new Builds(2, 1);
  const { begun, build } = builds();
  const answers = [queue.run(build), queue.run(build), queue.run(build)];
  await expect(queue.run(build)).rejects.toMatchObject({
    code: "engine-unavailable",
    details: { retryAfterMs: 2_000 },
  });
  expect(begun).toHaveLength(2);
  begun[1]!.fail(new Error("gone"));
  await expect(answers[1]).rejects.toThrow("gone");
  await expect.poll(() => begun.length).toBe(3);
  begun[0]!.end("a");
  begun[2]!.end("c");
  expect([await answers[0], await answers[2]]).toEqual(["a", "c"]);
  const later = queue.run(build);
  begun[3]!.end("d");
  expect(await later).toBe("d");
});
