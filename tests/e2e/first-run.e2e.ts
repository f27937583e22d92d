/** Before the first event. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { eventRow, FEED_PAGE, scrollsSideways, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const run = promisify(execFile);

describe("a server without events", { timeout: 120_000 }, () => {
  it("shows a line for the shell that works as it stands, and the event appears by itself", async () => {
    const [onCall, feed] = [await open(weir.url("/")), await open(weir.url(FEED_PAGE))];
    for (const page of [onCall, feed]) {
      await untilLive(page);
      for (const [width, colorScheme] of [
        [320, "light"],
        [1280, "dark"],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        expect(await violations(page)).toEqual([]);
        expect(await scrollsSideways(page)).toBe(false);
      }
    }
    const command = await onCall.getByLabel("Command that sends a first event").innerText();
    const { stdout } = await run("sh", ["-c", command]);
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, rejected: [] });
    for (const page of [onCall, feed]) {
      await eventRow(page, "batch-1").waitFor();
      await eventually(() => page.getByText("No event yet").count()).toBe(0);
    }
  });
});
