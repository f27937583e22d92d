/** The verbs of the leases, on both databases: time is the database's own, so leases that ended as they began stand for those that ended. */
import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Holder } from "~/control/lease/lease";
import { listLeases } from "~/control/lease/list-leases";
import { releaseLeases } from "~/control/lease/release-leases";
import { renewLeases } from "~/control/lease/renew-leases";
import { takeLeases } from "~/control/lease/take-leases";
import { onEveryDatabase } from "../support/control";

const LONG = 600_000;
const ENDED = -1;
const holder = (name: string): Holder => ({ id: randomUUID(), host: name, pid: 7, address: null });
const wanted = (...feeds: string[]) => feeds.map((feed) => ({ feed, seenFence: 0 }));

onEveryDatabase((control) => {
  it("gives a free lease to who asks first, and to nobody else while it lasts", async () => {
    const [lakeId, a, b] = [randomUUID(), holder("a"), holder("b")];
    expect(await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x", "y"), lifetimeMs: LONG })).toEqual([
      { feed: "x", fence: 1 },
      { feed: "y", fence: 1 },
    ]);
    expect(await takeLeases(control.db, { lakeId, holder: b, feeds: wanted("y", "z"), lifetimeMs: LONG })).toEqual([
      { feed: "z", fence: 1 },
    ]);
    const leases = await listLeases(control.db, { lakeId });
    expect(leases.map(({ feed, holder: { host } }) => [feed, host])).toEqual([
      ["x", "a"],
      ["y", "a"],
      ["z", "b"],
    ]);
    for (const { leftMs } of leases) expect(leftMs).toBeGreaterThan(LONG / 2);
  });

  it("gives one that has ended to another, under a greater number", async () => {
    const [lakeId, a, b] = [randomUUID(), holder("a"), holder("b")];
    await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x"), lifetimeMs: ENDED });
    expect((await listLeases(control.db, { lakeId }))[0]!.leftMs).toBeLessThanOrEqual(0);
    const taken = await takeLeases(control.db, { lakeId, holder: b, feeds: wanted("x"), lifetimeMs: LONG });
    expect(taken).toEqual([{ feed: "x", fence: 2 }]);
    const held = [{ feed: "x", fence: 1 }];
    expect(await renewLeases(control.db, { lakeId, holder: a, held, lifetimeMs: LONG })).toEqual([]);
    expect((await listLeases(control.db, { lakeId }))[0]!.holder).toEqual(b);
  });

  it("prolongs what is held, under the number that it was taken with, and tells where the holder serves", async () => {
    const [lakeId, a] = [randomUUID(), holder("a")];
    const held = await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x"), lifetimeMs: LONG });
    const serving = { ...a, address: "http://127.0.0.1:3000" };
    expect(await renewLeases(control.db, { lakeId, holder: serving, held, lifetimeMs: 3 * LONG })).toEqual(["x"]);
    const [found] = await listLeases(control.db, { lakeId });
    expect(found).toMatchObject({ fence: 1, holder: serving });
    expect(found!.leftMs).toBeGreaterThan(2 * LONG);
    const other = [{ feed: "x", fence: 2 }];
    expect(await renewLeases(control.db, { lakeId, holder: a, held: other, lifetimeMs: LONG })).toEqual([]);
    expect(await renewLeases(control.db, { lakeId, holder: a, held: [], lifetimeMs: LONG })).toEqual([]);
  });

  it("does not prolong one that has ended, though nobody took it", async () => {
    const [lakeId, a] = [randomUUID(), holder("a")];
    const held = await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x"), lifetimeMs: ENDED });
    expect(await renewLeases(control.db, { lakeId, holder: a, held, lifetimeMs: LONG })).toEqual([]);
  });

  it("gives a holder its own again under a greater number, for an answer may be lost", async () => {
    const [lakeId, a] = [randomUUID(), holder("a")];
    await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x"), lifetimeMs: LONG });
    expect(await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x"), lifetimeMs: LONG })).toEqual([
      { feed: "x", fence: 2 },
    ]);
  });

  it("goes beyond the number that the tables carry, for the database may be an older copy of itself", async () => {
    const [lakeId, a, b] = [randomUUID(), holder("a"), holder("b")];
    const first = [{ feed: "x", seenFence: 41 }];
    const taken = await takeLeases(control.db, { lakeId, holder: a, feeds: first, lifetimeMs: ENDED });
    expect(taken).toEqual([{ feed: "x", fence: 42 }]);
    const again = [{ feed: "x", seenFence: 99 }];
    expect(await takeLeases(control.db, { lakeId, holder: b, feeds: again, lifetimeMs: ENDED })).toEqual([
      { feed: "x", fence: 100 },
    ]);
    expect(await takeLeases(control.db, { lakeId, holder: a, feeds: first, lifetimeMs: ENDED })).toEqual([
      { feed: "x", fence: 101 },
    ]);
  });

  it("releases what one holds, so that another need not wait, and nothing of others", async () => {
    const [lakeId, a, b] = [randomUUID(), holder("a"), holder("b")];
    await takeLeases(control.db, { lakeId, holder: a, feeds: wanted("x"), lifetimeMs: LONG });
    await takeLeases(control.db, { lakeId, holder: b, feeds: wanted("y"), lifetimeMs: LONG });
    await releaseLeases(control.db, { lakeId, holder: a });
    const feeds = wanted("x", "y");
    expect(await takeLeases(control.db, { lakeId, holder: holder("c"), feeds, lifetimeMs: LONG })).toEqual([
      { feed: "x", fence: 2 },
    ]);
  });

  it("keeps lakes apart that share a database", async () => {
    const [one, two, a, b] = [randomUUID(), randomUUID(), holder("a"), holder("b")];
    await takeLeases(control.db, { lakeId: one, holder: a, feeds: wanted("x"), lifetimeMs: LONG });
    expect(await takeLeases(control.db, { lakeId: two, holder: b, feeds: wanted("x"), lifetimeMs: LONG })).toEqual([
      { feed: "x", fence: 1 },
    ]);
    expect(await listLeases(control.db, { lakeId: two })).toHaveLength(1);
  });

  it("gives a lease that several ask for at once to one of them", async () => {
    const lakeId = randomUUID();
    const ask = (name: string) =>
      takeLeases(control.db, { lakeId, holder: holder(name), feeds: wanted("x", "y"), lifetimeMs: LONG });
    const answers = await Promise.all(["a", "b", "c", "d"].map(ask));
    expect(
      answers
        .flat()
        .map(({ feed }) => feed)
        .sort(),
    ).toEqual(["x", "y"]);
    expect(answers.filter((taken) => taken.length > 0)).toHaveLength(1);
  });
});
