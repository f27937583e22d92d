/** What a person sees can be used at once: rows answer to clicks before any file of script has arrived. */
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { eventRow, FEED_PAGE, untilLive } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

beforeAll(async () => {
  const events = ["one", "two"].map((name) =>
    weir.event({ eventId: name, correlationId: name, errorMessage: `what ${name} says` }),
  );
  await weir.publish(events);
});

describe("a page whose script is still on its way", () => {
  it.each(["/", FEED_PAGE])(
    "picks the row of %s that is clicked, and keeps it when the script has come",
    async (path) => {
      const page = await open(weir.url(FEED_PAGE));
      let letScriptsCome = () => {};
      const mayCome = new Promise<void>((resolve) => (letScriptsCome = resolve));
      await page.route("**/build/**", async (route) => {
        await mayCome;
        await route.continue();
      });
      await page.goto(weir.url(path), { waitUntil: "commit" });
      const picked = page.locator("tr.picked");
      await eventRow(page, "what one says").getByText("what one says").click();
      await eventually(() => picked.allInnerTexts()).toEqual([expect.stringContaining("what one says")]);

      letScriptsCome();
      await untilLive(page);
      expect(await picked.allInnerTexts()).toEqual([expect.stringContaining("what one says")]);
      await eventRow(page, "what two says").getByText("what two says").click();
      await eventually(() => picked.allInnerTexts()).toEqual([expect.stringContaining("what two says")]);
      await picked.getByText("what two says").click();
      await eventually(() => picked.count()).toBe(0);
    },
  );

  it("leaves links in rows to the browser", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await eventRow(page, "what one says").getByRole("link").click();
    await page.waitForURL(/\/batches\/one$/);
  });
});
