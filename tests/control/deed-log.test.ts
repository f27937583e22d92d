/** Audit rows of what is done outside of the database: of when it was done, whenever the database takes them. */
import { randomUUID } from "node:crypto";
import { asc, eq, sql } from "drizzle-orm";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { DeedLog } from "~/control/audit/deed-log";
import { auditLog } from "~/control/db/schema/audit-log";
import { AppError } from "~/model/app-error";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";
import { until } from "../support/until";

interface ToldDeed {
  audit: { entityId: string; actor: string };
}

function deedsOf(control: ControlFixture, { mostTries = 1_000_000 } = {}) {
  const state = { now: NOW, isAway: false };
  let asked = 0;
  const said: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void said.push(line) });
  const deeds = new DeedLog({ log, againAfterMs: 1, mostTries });
  onTestFinished(() => deeds.close());
  const { control: working } = control.as(person("operator"));
  const given = {
    control: {
      ...working,
      database: (patienceMs: number) => {
        asked += 1;
        return state.isAway
          ? Promise.reject(new AppError("control-unavailable", "The database is away."))
          : working.database(patienceMs);
      },
    },
    clock: { now: () => state.now },
  };
  const operator = person("operator");
  const ctx = control.as(operator, given);
  const feed = randomUUID();
  const note = (instant: string) =>
    deeds.note(ctx, { action: "pin.set", entityId: `${feed}/${instant}`, before: null, after: { note: instant } });
  const rows = async () =>
    (await control.db.select().from(auditLog).where(eq(auditLog.actorId, operator.id)).orderBy(asc(auditLog.id))).map(
      ({ entityId, at }) => [entityId.slice(feed.length + 1), at.getTime() - NOW],
    );
  return { deeds, state, operator, feed, note, rows, said, asked: () => asked };
}

onEveryDatabase((control) => {
  test("what was done is in the log at once, with who did it and from where", async () => {
    const { operator, feed, note, rows } = deedsOf(control);
    note("1");
    await until("the row", async () => (await rows()).length === 1);
    await control.expectAuditRow(operator, {
      action: "pin.set",
      entityId: `${feed}/1`,
      before: null,
      after: { note: "1" },
    });
  });

  test("while the database is away nobody waits, and when it is back every row is written once, in order, of its own time", async () => {
    const { state, note, rows } = deedsOf(control);
    note("1");
    await until("the first row", async () => (await rows()).length === 1);
    state.isAway = true;
    for (const instant of ["2", "3"]) {
      state.now += 1_000;
      note(instant);
    }
    state.now += 60_000;
    state.isAway = false;
    await until("the others", async () => (await rows()).length === 3);
    expect(await rows()).toEqual([
      ["1", 0],
      ["2", 1_000],
      ["3", 2_000],
    ]);
  });

  test("what has to wait is in the server's log, once, for a process that is killed meanwhile", async () => {
    const { state, feed, operator, note, rows, said } = deedsOf(control);
    state.isAway = true;
    note("1");
    note("2");
    await until("both to be told", () => said.length >= 2);
    state.isAway = false;
    await until("the rows", async () => (await rows()).length === 2);
    const told = said.map((line) => (JSON.parse(line) as ToldDeed).audit);
    expect(told.map(({ entityId, actor }) => [entityId, actor])).toEqual(
      ["1", "2"].map((instant) => [`${feed}/${instant}`, operator.id]),
    );
  });

  test("whoever closes writes what is left", async () => {
    const { deeds, state, note, rows } = deedsOf(control);
    state.isAway = true;
    note("1");
    state.isAway = false;
    note("2");
    await deeds.close();
    expect((await rows()).map(([instant]) => instant)).toEqual(["1", "2"]);
  });

  /** While it runs the database refuses every row of the audit log, as one does whose disk is full. */
  async function whileRefused(work: () => Promise<void>): Promise<void> {
    await control.db.execute(sql`ALTER TABLE audit_log RENAME TO audit_log_away`);
    try {
      await work();
    } finally {
      await control.db.execute(sql`ALTER TABLE audit_log_away RENAME TO audit_log`);
    }
  }

  test("what the database refuses is tried again, with the reason in the server's log once, until it is taken", async () => {
    const { note, rows, said, asked } = deedsOf(control);
    await whileRefused(async () => {
      note("1");
      note("2");
      await until("several attempts", () => asked() > 10);
    });
    await until("the rows", async () => (await rows()).length === 2);
    const errors = said.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(errors.filter(({ level }) => level === 50).map(({ msg }) => msg)).toEqual(
      ["1", "2"].map(() => "what somebody did could not be written to the audit log: it is tried again"),
    );
  });

  test("what is refused again and again is given up, and left in the server's log", async () => {
    const { note, said, asked, rows } = deedsOf(control, { mostTries: 3 });
    await whileRefused(async () => {
      note("1");
      await until("it to be given up", () => said.some((line) => line.includes("refused it again and again")));
    });
    expect(asked()).toBe(3);
    note("2");
    await until("the next", async () => (await rows()).length === 1);
    expect((await rows())[0]![0]).toBe("2");
  });

  test("of too many that wait the oldest is let go, but none that is being written", async () => {
    const { state, note, rows, said } = deedsOf(control);
    note("0"); // on its way
    state.isAway = true;
    for (let n = 1; n <= 1_000; n++) note(String(n));
    await until("those that wait to be told", () => said.length >= 1_000);
    const letGo = said.filter((line) => line.includes("too many wait")).map((line) => JSON.parse(line) as ToldDeed);
    expect(letGo.map(({ audit }) => audit.entityId.split("/")[1])).toEqual(["1"]);
    await until("the one that was on its way", async () => (await rows()).length === 1);
    expect(await rows()).toEqual([["0", 0]]);
  });
});
