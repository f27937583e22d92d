/** Attempts to sign in, counted for all processes that share a database. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { Attempts, type Guesser } from "~/control/account/attempts";
import { countInDatabase } from "~/control/account/attempts-in-database";
import { signInAttempt } from "~/control/db/schema/sign-in-attempt";
import { AppError } from "~/model/app-error";
import { NOW, onEveryDatabase, type ControlFixture } from "../support/control";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const HOUR_MS = 3_600_000;

/** Each test has a day of its own: what one of a later day clears away is nobody's any more. */
let days = 0;

/** Several processes on one database and one clock; the database may be taken away from them. */
function processes(control: ControlFixture) {
  const state = { now: NOW + ++days * 24 * HOUR_MS, isAway: false, isSilent: false, asked: 0 };
  const away = () => new AppError("control-unavailable", "The database is away.");
  const ctx = {
    control: {
      database: () => {
        state.asked += 1;
        if (state.isSilent) return new Promise<never>(() => undefined);
        return state.isAway ? Promise.reject(away()) : Promise.resolve(control.db);
      },
      explain: (error: unknown) => error,
    },
  };
  const start = () => {
    const attempts = new Attempts({ clock: { now: () => state.now }, log: silentLog, metrics: new Registry() });
    const begin = (guesser: Guesser) => attempts.begin(ctx, guesser);
    /** Milliseconds to wait; 0 = the attempt is let through. */
    const wait = async (guesser: Guesser): Promise<number> => {
      try {
        await begin(guesser);
        return 0;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "rate-limited") throw error;
        return error.details.retryAfterMs!;
      }
    };
    return { begin, wait };
  };
  return { state, start };
}

const someone = (): Guesser => ({ address: null, account: `${randomUUID()}@example.org` });
/** Of the network for documentation, one that no other test has. */
let addresses = 0;
const newAddress = () => `2001:db8:${(++addresses).toString(16)}:1::1`;

onEveryDatabase((control, nth) => {
  const isServer = nth === 1;
  const areWaiting = async () => {
    const { rows } = await control.db.execute(
      sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  };

  test("guesses at one account through two processes are counted together", async () => {
    const { state, start } = processes(control);
    const [one, two, guesser] = [start(), start(), someone()];
    for (const process of [one, two, one, two, one]) expect(await process.wait(guesser)).toBe(0);
    expect(await two.wait(guesser)).toBe(5_000);
    expect(await one.wait(guesser)).toBe(5_000);
    state.now += 5_000;
    expect(await two.wait(guesser)).toBe(0);
    expect(await one.wait(guesser)).toBe(10_000);
  });

  test("of a few guesses at once through several processes as many get through as one after the other", async () => {
    const { start } = processes(control);
    const guesser = { ...someone(), address: newAddress() };
    const all = [start(), start(), start()];
    const waits = await Promise.all(Array.from({ length: 9 }, (_, i) => all[i % 3]!.wait(guesser)));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  });

  test("of a flood of guesses few ask the database at once, and no more get through than each process lets through alone", async () => {
    const { state, start } = processes(control);
    const [silent, answering, guesser] = [start(), start(), { ...someone(), address: newAddress() }];
    const flood = (process: typeof silent) => Promise.all(Array.from({ length: 200 }, () => process.wait(guesser)));
    state.isSilent = true;
    const through = (waits: readonly number[]) => waits.filter((wait) => wait === 0).length;
    expect(through(await flood(silent))).toBe(5);
    expect(state.asked).toBe(3);
    state.isSilent = false;
    expect(through(await flood(answering))).toBeLessThanOrEqual(10);
  });

  // The embedded database has one session, which nobody else could ask meanwhile.
  if (isServer)
    test("a flood of guesses at one account leaves the database to others", async () => {
      const { start } = processes(control);
      const [one, guesser] = [start(), someone()];
      await one.wait(guesser);
      const { flood } = await control.db.transaction(async (tx) => {
        await tx.select().from(signInAttempt).for("update");
        const flood = Promise.all(Array.from({ length: 50 }, () => one.wait(guesser)));
        await until("guesses to wait for the row", areWaiting);
        expect((await control.db.execute(sql`SELECT 7 AS seven`)).rows).toEqual([{ seven: 7 }]);
        return { flood };
      });
      expect((await flood).filter((wait) => wait === 0).length).toBeLessThanOrEqual(9);
    });

  test("an attempt is counted whose row is taken away meanwhile", async () => {
    const { now } = processes(control).state;
    const account = { key: `account ${randomUUID()}`, kind: "account" as const };
    await countInDatabase(control.db, [account], now);
    const { counting } = await control.db.transaction(async (tx) => {
      await tx.select().from(signInAttempt).for("update");
      const counting = countInDatabase(control.db, [account], now);
      // The embedded database has one session: there it waits for that.
      if (isServer) await until("it to wait for the row", areWaiting);
      await tx.delete(signInAttempt);
      return { counting };
    });
    const { isCounted, tries } = await counting;
    expect([isCounted, tries.get(account.key)?.count]).toEqual([true, 1]);
  });

  test("an address that goes from process to process and from account to account is counted too", async () => {
    const { start } = processes(control);
    const [one, two, address] = [start(), start(), newAddress()];
    for (let n = 0; n < 20; n++) expect(await (n % 2 ? one : two).wait({ ...someone(), address })).toBe(0);
    expect(await one.wait({ ...someone(), address })).toBe(5_000);
    expect(await two.wait({ ...someone(), address })).toBe(5_000);
    expect(await two.wait({ ...someone(), address: newAddress() })).toBe(0);
  });

  test("a restart gives nobody new guesses", async () => {
    const { start } = processes(control);
    const guesser = someone();
    for (let n = 0; n < 5; n++) await start().wait(guesser);
    expect(await start().wait(guesser)).toBe(5_000);
  });

  test("whoever was right is held up nowhere, and of the address only this attempt is taken back", async () => {
    const { state, start } = processes(control);
    const [one, two] = [start(), start()];
    const guesser = { ...someone(), address: newAddress() };
    for (let n = 0; n < 4; n++) await one.wait(guesser);
    const wasRight = await two.begin(guesser);
    expect(await one.wait(guesser)).toBe(5_000);
    await wasRight();
    state.now += 1_000; // for so long a process believes what it was told
    for (let n = 0; n < 5; n++) expect(await one.wait(guesser)).toBe(0);
    expect(await two.wait(guesser)).toBeGreaterThan(0);
    for (let n = 9; n < 20; n++) expect(await two.wait({ ...someone(), address: guesser.address })).toBe(0);
    expect(await one.wait({ ...someone(), address: guesser.address })).toBe(5_000);
  });

  test("after an hour without a guess it is as if there had been none", async () => {
    const { state, start } = processes(control);
    const guesser = someone();
    const process = start();
    for (let n = 0; n < 6; n++) await process.wait(guesser);
    state.now += HOUR_MS;
    for (let n = 0; n < 5; n++) expect(await start().wait(guesser)).toBe(0);
  });

  test("while the database is away, or says nothing, each process goes on counting from what it knew", async () => {
    const { state, start } = processes(control);
    for (const fault of ["isAway", "isSilent"] as const) {
      const [one, guesser] = [start(), someone()];
      for (let n = 0; n < 3; n++) expect(await one.wait(guesser)).toBe(0);
      state[fault] = true;
      for (let n = 0; n < 2; n++) expect(await one.wait(guesser)).toBe(0);
      expect(await one.wait(guesser)).toBe(5_000);
      const wasRight = await one.begin(someone());
      await wasRight();
      state[fault] = false;
    }
  });

  test("a pause that a process made while the database was away is served there when it is back", async () => {
    const { state, start } = processes(control);
    const [one, guesser] = [start(), someone()];
    state.isAway = true;
    for (let n = 0; n < 6; n++) await one.wait(guesser);
    state.isAway = false;
    expect(await one.wait(guesser)).toBe(5_000);
    state.now += 5_000;
    expect(await one.wait(guesser)).toBe(0);
    state.isAway = true;
    expect(await one.wait(guesser)).toBe(0);
    expect(await one.wait(guesser)).toBe(10_000);
  });

  test("what somebody typed as their address is not kept, and nothing for longer than an hour", async () => {
    const { state, start } = processes(control);
    const rows = () => control.db.select({ n: sql<number>`count(*)`.mapWith(Number) }).from(signInAttempt);
    await start().wait({ address: newAddress(), account: "my secret password" });
    const kept = await control.db.select().from(signInAttempt);
    expect(kept.map(({ key }) => key).join(" ")).not.toMatch(/secret|2001/);
    state.now += 10 * HOUR_MS;
    const process = start();
    await process.wait(someone());
    await until("what was guessed hours ago to be forgotten", async () => (await rows())[0]!.n === 1);
  });
});
