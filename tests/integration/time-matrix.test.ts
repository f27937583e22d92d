/** Every page and call that takes `at` (tests/support/time-matrix.ts), asked for the past and for what is no time. */
import { beforeAll, expect, test } from "vitest";
import { everySample, type Samples } from "../support/every-page";
import { OF_TIME } from "../support/time-matrix";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
let samples: Samples;
let first: string;

beforeAll(async () => {
  first = await weir.publish([
    weir.event({
      eventId: "e-1",
      correlationId: "batch-a",
      pipelineName: "orders",
      status: "FAILED",
      errorMessage: "no",
    }),
  ]);
  await weir.publish([
    weir.event({ eventId: "e-2", correlationId: "batch-a", pipelineName: "orders", stageName: "publish" }),
  ]);
  samples = await everySample(weir);
});

/** What stands for a parameter of a path. */
function sampleOf(name: string): string {
  const found = {
    feed: samples["feed"],
    view: "problems",
    instant: samples["instant"],
    correlationId: samples["batch"],
    name: samples["pipeline"],
    id: samples["dashboard"],
  }[name];
  if (found === undefined) throw new Error(`Nothing in the data of this test for [${name}].`);
  return encodeURIComponent(found);
}

const pathOf = (file: string): string =>
  `/${file}`
    .replace(/\/index\.tsx?$/, "")
    .replace("problems/[id]", `problems/${samples["problem"]}`)
    .replace(/\[(\w+)\]/g, (_, name: string) => sampleOf(name)) || "/";

const routes = Object.entries(OF_TIME)
  .filter(([file, time]) => time === "at" && file !== "layout.tsx")
  .map(([file]) => file);

/** What a route asks for besides. */
function asked(file: string): Record<string, string> {
  if (file.includes("difference/")) return { vs: first };
  return file.includes("search") ? { q: "no" } : {};
}

test.each(routes)("%s reads at", async (file) => {
  const ask = (at: string) => {
    const query = new URLSearchParams({ at, ...asked(file) });
    return fetch(`${weir.url(pathOf(file))}?${query.toString()}`);
  };
  const past = await ask(first);
  // What is rolled up is a feed of its own, with a past that begins later: it says so.
  if (past.status !== 410 || !file.includes("reliability")) expect(past.status).toBe(200);
  const wrong = await ask("yesterday");
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain("yesterday");
});

test.each([
  ["/status", "The program as it is now: how it was at "],
  ["/dashboards", "The list as it is now. Dashboards open as of "],
])("%s is of the present, says so, and leads on to the time that was asked for", async (path, sentence) => {
  const ask = (at: string) => fetch(`${weir.url(path)}?at=${encodeURIComponent(at)}`, { redirect: "manual" });
  const text = await (await ask("2026-11-21T09:40:12Z")).text();
  expect(text).toContain(`${sentence}2026-11-21 09:40:12.000Z`);
  expect(text).toMatch(/href="\/(status|dashboards\/[^"?]+)\?at=2026-11-21/);
  expect(await (await ask(first)).text()).toContain(sentence);
  expect(await (await fetch(weir.url(path))).text()).not.toContain(sentence);
  expect((await ask("-2h")).headers.get("location")).toMatch(/[?&]at=\d{4}-/);
  expect((await ask("yesterday")).status).toBe(400);
});
