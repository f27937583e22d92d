/** The page about reliability, without script: what it says of failures that happened, now and as of a moment of the past. */
import { expect, test } from "vitest";
import { browserTabs, clickThrough } from "../support/browser";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const MINUTE = 60_000;
const weir = runningWeir();
const { open } = browserTabs();

interface Answer {
  readTo: number | null;
  instant: string | null;
  keptIn: string | null;
  overall: { incidents: number; open: number; meanToShown: number | null; meanToRecovered: number | null };
  pipelines: { pipelineName: string }[];
}

const ask = async (query = ""): Promise<Answer> =>
  (await (await fetch(weir.url(`/api/v1/reliability${query}`))).json()) as Answer;

test("incidents are told with their definition, now and as of the past; nobody publishes hours", async () => {
  const failedAt = Date.now() - 30 * MINUTE;
  const run = (i: number, status: "FAILED" | "COMPLETED", at: number) => {
    const errorMessage = status === "FAILED" ? "disk full" : null;
    return weir.event({
      ...{ eventId: `e-${i}`, correlationId: `b-${i}`, pipelineName: "orders", status, errorMessage },
      ...{ eventTimestamp: at, lastUpdatedAt: at },
    });
  };
  await weir.publish([run(1, "FAILED", failedAt), run(2, "COMPLETED", failedAt + 10 * MINUTE)]);
  // Hours are rolled up soon after a start, and every few minutes from then on.
  await weir.kill();
  await weir.startAgain(0);
  const rolledUp = async () => {
    const answer = await ask();
    return answer.readTo !== null && answer;
  };
  const told = await until("the hours to be rolled up", rolledUp, 55_000);
  expect(told).toMatchObject({ keptIn: "pipeline_hours", overall: { incidents: 1, open: 0 } });
  expect(told.overall.meanToRecovered).toBe(10 * MINUTE);
  expect(told.overall.meanToShown!).toBeGreaterThan(29 * MINUTE);
  expect(told.pipelines).toMatchObject([{ pipelineName: "orders" }]);

  const refused = await fetch(weir.url("/api/v1/feeds/pipeline_hours/events"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "[{}]",
  });
  expect(refused.status).toBe(409);
  expect(((await refused.json()) as { detail: string }).detail).toContain("publish the events that it follows from");

  const page = await open(weir.url("/reliability"), { javaScriptEnabled: false });
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Reliability");
  const pipeline = page.getByRole("table", { name: /by pipeline/ }).getByRole("row", { name: /orders/ });
  expect((await pipeline.innerText()).replaceAll(/\s+/g, " ")).toMatch(/orders 1 .* – 10 min/);
  expect(await page.getByText("From the time that the failing event tells to the commit").count()).toBe(1);
  await page.goto(weir.url("/pipelines"));
  await clickThrough(page.getByRole("link", { name: "Reliability" }).first());
  expect(new URL(page.url()).pathname).toBe("/reliability");

  const before = new Date(Date.now() - 60 * MINUTE).toISOString();
  expect((await fetch(weir.url(`/reliability?at=${before}`))).status).toBe(410);
}, 120_000);
