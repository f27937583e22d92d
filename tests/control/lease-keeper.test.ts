/** The keeper of the leases, on both databases: short leases in real time, and a clock that tests move. */
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { LeaseDb } from "~/control/lease/lease";
import { LeaseKeeper } from "~/control/lease/lease-keeper";
import { listLeases } from "~/control/lease/list-leases";
import { releaseLeases } from "~/control/lease/release-leases";
import { onEveryDatabase } from "../support/control";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const LONG_MS = 600_000;

onEveryDatabase((control) => {
  const keepers: LeaseKeeper[] = [];
  afterEach(async () => {
    for (const keeper of keepers.splice(0)) await keeper.close();
  });

  function keep(lakeId: string, lifetimeMs: number, more: { database?: () => Promise<LeaseDb> } = {}) {
    const said: string[] = [];
    let skipped = 0;
    const keeper = new LeaseKeeper({
      database: more.database ?? (() => Promise.resolve(control.db)),
      lakeId,
      holder: { id: randomUUID(), host: "here", pid: 7, address: null },
      feeds: [{ feed: "x", seenFence: 0 }],
      log: silentLog,
      onTaken: (feed, fence) => said.push(`took ${feed} ${fence}`),
      onEnded: (feed) => said.push(`lost ${feed}`),
      onNews: () => undefined,
      lifetimeMs,
      elapsed: () => performance.now() + skipped,
    });
    keepers.push(keeper);
    return { keeper, said, skip: (ms: number) => (skipped += ms) };
  }

  describe("a keeper", () => {
    it("takes what is free, lets its holder write, and leaves the others waiting", async () => {
      const lakeId = randomUUID();
      const one = keep(lakeId, LONG_MS);
      one.keeper.start();
      await until("the lease", () => one.keeper.isHeld("x"));
      const other = keep(lakeId, LONG_MS);
      other.keeper.start();
      await until("the other to know", () => other.keeper.writerOf("x") !== null);
      expect(one.keeper.term("x").fence).toBe(1);
      expect(() => one.keeper.term("x").assertHeld(1_000)).not.toThrow();
      expect(() => other.keeper.term("x")).toThrow("another server has it");
      expect([one.said, other.said]).toEqual([["took x 1"], []]);
    });

    it("gives back what it holds when it closes, and the next one takes it", async () => {
      const lakeId = randomUUID();
      const one = keep(lakeId, LONG_MS);
      one.keeper.start();
      await until("the lease", () => one.keeper.isHeld("x"));
      await one.keeper.close();
      const other = keep(lakeId, LONG_MS);
      other.keeper.start();
      await until("the lease", () => other.said.length > 0);
      expect(other.said).toEqual(["took x 2"]);
    });

    it("takes over from one that does not prolong any more", async () => {
      const lakeId = randomUUID();
      const dead = keep(lakeId, 400);
      dead.keeper.start();
      await until("the lease", () => dead.keeper.isHeld("x"));
      dead.keeper.stopTaking();
      const other = keep(lakeId, LONG_MS);
      other.keeper.start();
      await until("the lease", () => other.said.length > 0);
      expect(other.said).toEqual(["took x 2"]);
      await until("the end", () => dead.said.length === 2);
      expect(dead.said).toEqual(["took x 1", "lost x"]);
    });

    it("lets nobody write after a pause in which its lease may have ended, before it asks anybody", async () => {
      const { keeper, skip } = keep(randomUUID(), LONG_MS);
      keeper.start();
      await until("the lease", () => keeper.isHeld("x"));
      const term = keeper.term("x");
      skip(LONG_MS - 500);
      expect(() => term.assertHeld(1_000)).toThrow("does not hold the lease of feed x");
      skip(500);
      expect(() => term.assertHeld(0)).toThrow("does not hold the lease of feed x");
    });

    it("ends a term for ever when the lease was lost, though it has it again", async () => {
      const lakeId = randomUUID();
      const { keeper, said } = keep(lakeId, LONG_MS);
      keeper.start();
      await until("the lease", () => keeper.isHeld("x"));
      const term = keeper.term("x");
      const [lease] = await listLeases(control.db, { lakeId });
      await releaseLeases(control.db, { lakeId, holder: lease!.holder });
      keeper.hurry();
      await until("the lease again", () => said.length === 3);
      expect(said).toEqual(["took x 1", "lost x", "took x 2"]);
      expect(() => term.assertHeld(0)).toThrow("does not hold the lease of feed x");
      expect(() => keeper.term("x").assertHeld(0)).not.toThrow();
    });

    it("stops by itself while the database is away, says so, and goes on when it is back", async () => {
      let isAway = false;
      const database = () =>
        isAway ? Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:5432")) : Promise.resolve(control.db);
      const { keeper, said } = keep(randomUUID(), 400, { database });
      keeper.start();
      await until("the lease", () => keeper.isHeld("x"));
      isAway = true;
      await until("the end", () => said.includes("lost x"));
      await until("the reason", () => keeper.fault !== null);
      expect(() => keeper.term("x")).toThrow("cannot be asked (connect ECONNREFUSED 127.0.0.1:5432)");
      expect(keeper.writerOf("x")).toBeNull();
      isAway = false;
      await until("the lease", () => keeper.isHeld("x"));
      await until("the fault to be over", () => keeper.fault === null);
    });
  });
});
