import { describe, expect, test } from "vitest";
import { silentLog } from "../../../tests/support/test-log";
import { schemaRevisions } from "./schema-revisions";

const SCHEMA = "projects/p/schemas/events";

function asking(answers: Record<string, string | null | Error>) {
  const asked: string[] = [];
  let elapsed = 0;
  const revisions = schemaRevisions({
    ask: async (name) => {
      asked.push(name);
      const answer = await Promise.resolve(answers[name] ?? null);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    elapsed: () => elapsed,
    log: silentLog,
  });
  return { revisions, asked, pass: (ms: number) => (elapsed += ms) };
}

test("a revision is asked for once, also by messages that come together, and is then there at once", async () => {
  const { revisions, asked } = asking({ [`${SCHEMA}@ab12`]: "{}" });
  expect(await Promise.all([revisions(SCHEMA, "ab12"), revisions(SCHEMA, "ab12")])).toEqual(["{}", "{}"]);
  expect(revisions(SCHEMA, "ab12")).toBe("{}");
  expect(asked).toEqual([`${SCHEMA}@ab12`]);
});

test("that one cannot be had is believed for a minute", async () => {
  const { revisions, asked, pass } = asking({});
  expect(await revisions(SCHEMA, "ab12")).toBeNull();
  pass(59_000);
  expect(revisions(SCHEMA, "ab12")).toBeNull();
  pass(2_000);
  await revisions(SCHEMA, "ab12");
  expect(asked).toHaveLength(2);
});

test("a service that is away is asked again, and its messages are not taken meanwhile", async () => {
  const answers: Record<string, string | Error> = { [`${SCHEMA}@ab12`]: new Error("UNAVAILABLE") };
  const { revisions } = asking(answers);
  await expect(revisions(SCHEMA, "ab12")).rejects.toMatchObject({ code: "engine-unavailable" });
  answers[`${SCHEMA}@ab12`] = "{}";
  expect(await revisions(SCHEMA, "ab12")).toBe("{}");
});

describe("what the service would not have written is not asked for", () => {
  test.each([
    ["events", "ab12"],
    ["projects/p/schemas/../../x", "ab12"],
    [SCHEMA, "latest"],
    [SCHEMA, "ab12@x"],
    [`${SCHEMA}\n`, "ab12"],
  ])("%j @ %j", (schema, revision) => {
    const { revisions, asked } = asking({});
    expect(revisions(schema, revision)).toBeNull();
    expect(asked).toEqual([]);
  });
});
