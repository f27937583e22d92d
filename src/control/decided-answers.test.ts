import fc from "fast-check";
import { expect, test } from "vitest";
import { DecidedAnswers } from "./decided-answers";

test("a question is asked once until something is decided", async () => {
  const kept = new DecidedAnswers(null);
  let asked = 0;
  const ask = () => kept.get("owners", () => Promise.resolve(++asked));
  expect([await ask(), await ask()]).toEqual([1, 1]);
  kept.changed();
  expect([await ask(), await ask()]).toEqual([2, 2]);
});

test("those who ask at once share one answer, and different questions have their own", async () => {
  const kept = new DecidedAnswers(null);
  const asked: string[] = [];
  const ask = (key: string) => kept.get(key, () => Promise.resolve(asked.push(key) && key));
  expect(await Promise.all([ask("a"), ask("b"), ask("a")])).toEqual(["a", "b", "a"]);
  expect(asked).toEqual(["a", "b"]);
});

test("an answer that could not be had is asked for again", async () => {
  const kept = new DecidedAnswers(null);
  await expect(kept.get("owners", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await kept.get("owners", () => Promise.resolve("there"))).toBe("there");
});

test("of many questions the ones that were asked longest ago are forgotten", async () => {
  const kept = new DecidedAnswers(null);
  const asked: string[] = [];
  const ask = (key: string) => kept.get(key, () => Promise.resolve(asked.push(key)));
  for (let i = 0; i < 500; i++) await ask(`views of ${i}`);
  await ask("views of 0");
  await ask("views of 500");
  asked.length = 0;
  await ask("views of 0");
  await ask("views of 1");
  expect(asked).toEqual(["views of 1"]);
});

test("whatever others commit meanwhile, an answer is never older than what was committed when it was asked for", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom("commit", "ask a", "ask b"), { maxLength: 20 }),
      async (scheduler, steps) => {
        // The database looks at itself at some moment between a question and its answer.
        let committed = 0;
        const look = async () => {
          await scheduler.schedule(Promise.resolve(), "the question arrives");
          const seen = committed;
          await scheduler.schedule(Promise.resolve(), "the answer arrives");
          return seen;
        };
        const kept = new DecidedAnswers(async () => String(await look()));
        const asks: Promise<void>[] = [];
        const { task } = scheduler.scheduleSequence(
          steps.map((step) => ({
            label: step,
            builder: () => {
              if (step === "commit") committed += 1;
              else {
                const before = committed;
                asks.push(kept.get(step, look).then((seen) => expect(seen).toBeGreaterThanOrEqual(before)));
              }
              return Promise.resolve();
            },
          })),
        );
        await scheduler.waitFor(task.then(() => Promise.all(asks)));
      },
    ),
  );
});
