/** Audit rows of what is done outside of the database: of when it was done, whenever the database takes them. */
import { randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { DeedLog } from "~/control/audit/deed-log";
import { auditLog } from "~/control/db/schema/audit-log";
import { AppError } from "~/model/app-error";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";
import { until } from "../support/until";

function deedsOf(control: ControlFixture) {
  const state = { now: NOW, isAway: false };
  const said: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void said.push(line) });
  const deeds = new DeedLog({ log, againAfterMs: 1 });
  onTestFinished(() => deeds.close());
  const { control: working } = control.as(person("operator"));
  const given = {
    control: {
      ...working,
      database: (patienceMs: number) =>
        state.isAway
          ? Promise.reject(new AppError("control-unavailable", "The database is away."))
          : working.database(patienceMs),
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
  return { deeds, state, operator, feed, note, rows, said };
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
    const told = said.map((line) => (JSON.parse(line) as { audit: { entityId: string; actor: string } }).audit);
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
});
