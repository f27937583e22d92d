import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { farEnd, taken } from "../../tests/support/far-end";
import { temporaryFolder } from "../../tests/support/temporary-folder";
import { until } from "../../tests/support/until";
import type { Notice } from "./outcome.js";
import { createPublisher, PublisherFullError } from "./publisher.js";

const events = (count: number, from = 0) => Array.from({ length: count }, (_, i) => ({ id: `e${from + i}` }));

describe("a publisher over HTTP", () => {
  it("gathers events into requests, in their order, and says that each was acknowledged", async () => {
    const far = await farEnd((request) => taken(request.events));
    const publisher = await createPublisher({
      url: `${far.url}/`,
      feed: "a b",
      token: "t0ken",
      batch: { maxEvents: 4 },
    });

    const outcomes = await Promise.all(events(10).map((event) => publisher.publish(event)));
    await publisher.close();

    expect(outcomes).toEqual(Array(10).fill({ state: "acknowledged" }));
    expect(far.received.flatMap((request) => request.events)).toEqual(events(10));
    expect(far.received.map((request) => request.events.length)).toEqual([4, 4, 2]);
    expect(far.received[0]).toMatchObject({
      method: "POST",
      path: "/api/v1/feeds/a%20b/events",
      headers: { "content-type": "application/x-ndjson", authorization: "Bearer t0ken" },
    });
  });

  it("renders dates, big integers, bytes and odd numbers as the API takes them", async () => {
    const far = await farEnd((request) => taken(request.events));
    const publisher = await createPublisher({ url: far.url, feed: "f" });
    await publisher.publish({
      at: new Date(5),
      big: 2n ** 62n,
      bytes: Buffer.from([0, 255]),
      none: NaN,
      in: [{ at: new Date(6) }],
    });
    await publisher.close();
    expect(far.received[0]!.events).toEqual([
      { at: 5, big: "4611686018427387904", bytes: "AP8=", none: "NaN", in: [{ at: 6 }] },
    ]);
  });

  it("tells why an event was rejected, and takes the others for acknowledged", async () => {
    const refusal = { reason: "is missing", field: "status", deadLetter: "d1" };
    const far = await farEnd((request) => taken(request.events, [{ index: 1, ...refusal }]));
    const publisher = await createPublisher({ url: far.url, feed: "f" });
    const outcomes = await Promise.all(events(3).map((event) => publisher.publish(event)));
    await publisher.close();
    expect(outcomes).toEqual([{ state: "acknowledged" }, { state: "rejected", ...refusal }, { state: "acknowledged" }]);
  });

  it("parts the event that spoils a whole request from the others", async () => {
    const far = await farEnd(({ events }) =>
      events.some(({ id }) => id === "e5")
        ? { status: 413, body: { detail: "The body is larger than 9 bytes." } }
        : taken(events),
    );
    const publisher = await createPublisher({ url: far.url, feed: "f" });
    const outcomes = await Promise.all(events(8).map((event) => publisher.publish(event)));
    await publisher.close();
    expect(outcomes.map(({ state }) => state)).toEqual(
      events(8).map(({ id }) => (id === "e5" ? "rejected" : "acknowledged")),
    );
    expect(outcomes[5]).toMatchObject({ reason: "The body is larger than 9 bytes." });
  });

  it.each([
    [401, { detail: "This needs a token." }, "This needs a token."],
    [404, { detail: "There is no feed f." }, "There is no feed f."],
    [409, { title: "Read only" }, "Read only"],
    [302, undefined, /answered 302/],
    [200, "<html>", /answered 200: "\\"<html>\\""/],
  ])("is told once by status %i, and does not try for ever", async (status, body, reason) => {
    const far = await farEnd(() => ({ status, body }));
    const publisher = await createPublisher({ url: far.url, feed: "f", spool: await temporaryFolder() });
    const outcome = await publisher.publish({ id: "e" });
    await publisher.close();
    expect(outcome).toMatchObject({ state: "rejected", reason: expect.stringMatching(reason) as string });
    expect(far.received).toHaveLength(1);
  });

  it("tries again after a cut connection, an error of the server, and no sooner than Retry-After", async () => {
    const far = await farEnd((request, number) =>
      number === 0
        ? "cut"
        : number === 1
          ? { status: 503, body: {}, headers: { "retry-after": "1" } }
          : number === 2
            ? { status: 500 }
            : taken(request.events),
    );
    const publisher = await createPublisher({ url: far.url, feed: "f" });
    expect(await publisher.publish({ id: "e" })).toEqual({ state: "acknowledged" });
    await publisher.close();
    expect(far.received.map((request) => request.events)).toEqual(Array(4).fill([{ id: "e" }]));
    expect(far.received[2]!.at - far.received[1]!.at).toBeGreaterThanOrEqual(1_000);
  });

  it("gives a request up that is not answered", async () => {
    const far = await farEnd((request, number) => (number === 0 ? "silence" : taken(request.events)));
    // Long enough for the second request to be answered whatever else the machine has to do.
    const publisher = await createPublisher({ url: far.url, feed: "f", requestTimeoutMs: 1_500 });
    expect(await publisher.publish({ id: "e" })).toEqual({ state: "acknowledged" });
    await publisher.close();
    expect(far.received).toHaveLength(2);
  });
});

describe("a publisher whose far end is away", () => {
  it("spools, says so once, and sends all of it in order when the far end is back", async () => {
    let isAway = true;
    const far = await farEnd((request) => (isAway ? { status: 503 } : taken(request.events)));
    const folder = await temporaryFolder();
    const notices: Notice[] = [];
    const publisher = await createPublisher({
      url: far.url,
      feed: "f",
      spool: folder,
      tries: 2,
      batch: { maxEvents: 10 },
      onNotice: (notice) => notices.push(notice),
    });
    const outcomes = await Promise.all(events(25).map((event) => publisher.publish(event)));
    expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(["spooled"]));
    expect(publisher.state()).toMatchObject({ isAway: true, waiting: 0 });

    isAway = false;
    far.received.length = 0;
    await until("the spool to be sent", () => publisher.state().spooledBytes === 0);
    expect(await publisher.publish({ id: "e25" })).toEqual({ state: "acknowledged" });
    await publisher.close();

    const sent = far.received.flatMap((request) => request.events);
    // The first of these requests may have been answered 503 still.
    expect(sent.slice(-26)).toEqual(events(26));
    expect(notices.map(({ kind }) => kind)).toEqual(["away", "back"]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves what is unsent to the next publisher, which takes over what its predecessor was sending", async () => {
    const away = await farEnd(() => "cut");
    const folder = await temporaryFolder();
    const first = await createPublisher({ url: away.url, feed: "f", spool: folder, tries: 1 });
    expect((await first.publish({ id: "e0" })).state).toBe("spooled");
    await first.close();
    expect(await readdir(folder)).toEqual([expect.stringMatching(/\.ndjson$/)]);

    const far = await farEnd((request) => taken(request.events));
    const second = await createPublisher({ url: far.url, feed: "f", spool: folder });
    await second.close();
    expect(far.received.flatMap((request) => request.events)).toEqual(events(1));
    expect(await readdir(folder)).toEqual([]);
  });

  it("keeps its spool when the far end refuses the sender, and goes on with new events", async () => {
    const away = await farEnd(() => "cut");
    const folder = await temporaryFolder();
    const first = await createPublisher({ url: away.url, feed: "f", spool: folder, tries: 1 });
    await first.publish({ id: "e0" });
    await first.close();

    const notices: Notice[] = [];
    const far = await farEnd(() => ({ status: 401, body: { detail: "No." } }));
    const second = await createPublisher({
      url: far.url,
      feed: "f",
      spool: folder,
      onNotice: (it) => notices.push(it),
    });
    expect(await second.publish({ id: "e1" })).toMatchObject({ state: "rejected", reason: "No." });
    await second.close();
    expect(notices).toEqual([{ kind: "held", reason: "No." }]);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it("reports what is rejected out of the spool, with the event", async () => {
    const away = await farEnd(() => "cut");
    const folder = await temporaryFolder();
    const first = await createPublisher({ url: away.url, feed: "f", spool: folder, tries: 1 });
    await Promise.all(events(2).map((event) => first.publish(event)));
    await first.close();

    const refusal = { reason: "is bad", field: null, deadLetter: null };
    const notices: Notice[] = [];
    const far = await farEnd((request) => taken(request.events, [{ index: 1, ...refusal }]));
    const second = await createPublisher({
      url: far.url,
      feed: "f",
      spool: folder,
      onNotice: (it) => notices.push(it),
    });
    await second.close();
    expect(notices).toEqual([{ kind: "rejected", line: '{"id":"e1"}', ...refusal }]);
  });

  it("says that events are lost when the spool is full, and when there is none at its end", async () => {
    const away = await farEnd(() => "cut");
    const full = await createPublisher({
      url: away.url,
      feed: "f",
      tries: 1,
      spool: { folder: await temporaryFolder(), maxBytes: 30 },
    });
    expect((await full.publish({ id: "e0" })).state).toBe("spooled");
    expect(await full.publish({ id: "a".repeat(30) })).toMatchObject({
      state: "lost",
      reason: expect.stringMatching(/spool .* holds 12 bytes/) as string,
    });
    await full.close();

    const none = await createPublisher({ url: away.url, feed: "f", closeTimeoutMs: 50 });
    const outcome = none.publish({ id: "e0" });
    await none.close();
    expect((await outcome).state).toBe("lost");
  });

  it("refuses events beyond its memory until there is room", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let isAway = true;
    void released.then(() => (isAway = false));
    const far = await farEnd((request) => (isAway ? "cut" : taken(request.events)));
    const publisher = await createPublisher({ url: far.url, feed: "f", maxWaitingBytes: 100 });
    const outcomes = events(8).map((event) => publisher.publish(event));
    await expect(publisher.publish({ id: "one more" })).rejects.toThrow(PublisherFullError);
    release();
    await publisher.room();
    outcomes.push(publisher.publish({ id: "one more" }));
    expect(new Set((await Promise.all(outcomes)).map(({ state }) => state))).toEqual(new Set(["acknowledged"]));
    await publisher.close();
  });
});

it("options that cannot be are named", async () => {
  await expect(createPublisher({ url: "weir:3000", feed: "f" })).rejects.toThrow(/must be such as https.*"weir:3000"/);
  await expect(createPublisher({ url: "http://a", feed: "f", batch: { maxEvents: 0 } })).rejects.toThrow(
    "batch.maxEvents must be a whole number from 1 to 1000 (it is 0).",
  );
});

it("what is no event is refused at once", async () => {
  const publisher = await createPublisher({ url: "http://127.0.0.1:1", feed: "f" });
  await expect(publisher.publish([])).rejects.toThrow("An event is an object with the feed's fields, not an array.");
  expect(await publisher.publish({ id: "x".repeat(1_000_001) })).toMatchObject({ state: "rejected" });
  await publisher.close();
  await expect(publisher.publish({})).rejects.toThrow("The publisher is closed");
});
