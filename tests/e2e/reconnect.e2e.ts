/** A page outlives its server (invariants 4 and 7). */
import { beforeAll, describe, expect, it } from "vitest";
import { feedInfo } from "../support/api-client";
import { browserTabs, eventually } from "../support/browser";
import {
  columnTexts,
  countOf,
  eventRow,
  eventRows,
  FEED_PAGE,
  isMarked,
  markPage,
  problemRow,
  stateText,
  untilLive,
} from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

/** A page waits up to 30 s before it tries again, so that a thousand of them do not come back at once. */
const LONGEST_WAIT_MS = 45_000;

/** What a browser says of a server that is not there. */
const expected = [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/];

/** The time of the day; a page that was last told of something before midnight names the day too. */
const timeOf = (line: string): string => /as of (?:\d{4}-\d\d-\d\d )?(\S+) UTC/.exec(line)![1]!;

const extract = weir.event({ eventId: "e-1", stageName: "extract", status: "RUNNING" });

beforeAll(async () => {
  await weir.publish([extract, weir.event({ eventId: "e-2", stageName: "load" })]);
});

describe("a page whose server was killed and came back", { timeout: 150_000 }, () => {
  it("says so, keeps the age of its data honest, and shows what it missed exactly once", async () => {
    const [feed, onCall] = [await open(weir.url(FEED_PAGE), { expected }), await open(weir.url("/"), { expected })];
    for (const page of [feed, onCall]) {
      await untilLive(page);
      await markPage(page);
    }
    const before = timeOf(await stateText(feed));
    const port = weir.port;
    await weir.kill();
    for (const page of [feed, onCall]) await eventually(() => stateText(page)).toMatch(/^Reconnecting/);
    await eventually(() => stateText(feed)).toMatch(/no contact for [1-9][\d.]* s/);
    expect(timeOf(await stateText(feed))).toBe(before);
    expect(await eventRows(feed).count()).toBe(2);

    // On another port, so that nothing of it reaches the page before the server is back where it was.
    await weir.startAgain(0);
    await weir.publish([
      weir.event({ ...extract, status: "COMPLETED", lastUpdatedAt: Date.now() }),
      weir.event({ eventId: "e-3", stageName: "publish", status: "FAILED", errorMessage: "target is locked" }),
    ]);
    await weir.kill();
    expect(await stateText(feed)).toMatch(/^Reconnecting/);
    expect(timeOf(await stateText(feed))).toBe(before);
    await weir.startAgain(port);

    for (const page of [feed, onCall]) {
      await untilLive(page, LONGEST_WAIT_MS);
      await eventRow(page, "target is locked").waitFor();
    }
    await eventually(() => columnTexts(feed, "Stage")).toEqual(["publish", "load", "extract"]);
    expect(await columnTexts(feed, "Status")).toEqual(["FAILED", "COMPLETED", "COMPLETED"]);
    await eventually(() => countOf(onCall, "done 24 h").innerText()).toBe("2");
    await eventually(() => countOf(onCall, "running").innerText()).toBe("0");
    await problemRow(onCall, "publish").getByRole("link", { name: "1 failure" }).waitFor();
    const committed = new Date((await feedInfo(weir.address)).committedAt!).toISOString().slice(11, 19);
    expect(timeOf(await stateText(feed))).toBe(committed);

    await weir.publish([weir.event({ eventId: "e-4", stageName: "archive" })]);
    await eventually(() => columnTexts(feed, "Stage")).toEqual(["archive", "publish", "load", "extract"]);
    for (const page of [feed, onCall]) expect(await isMarked(page)).toBe(true);
  });
});
