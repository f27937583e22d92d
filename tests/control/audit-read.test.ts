/** Looking at the audit log: who may, what is found, and pages that stay where they are. */
import { describe, expect, test } from "vitest";
import { exportAudit } from "~/control/audit/export-audit";
import { listAudit, type AuditPage } from "~/control/audit/list-audit";
import { auditLog } from "~/control/db/schema/audit-log";
import { setPreferences } from "~/control/preference/set-preferences";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";

const admin = person("admin");

async function write(control: ControlFixture, n: number, given: Partial<typeof auditLog.$inferInsert> = {}) {
  const rows = Array.from({ length: n }, (_, i) => ({
    at: new Date(NOW + Math.floor(i / 3)),
    actorKind: "user",
    actorId: "u1",
    actorName: "Ann",
    action: "thing.create",
    entity: "thing",
    entityId: `t${i}`,
    ...given,
  }));
  await control.db.insert(auditLog).values(rows);
}

onEveryDatabase((control) => {
  const list = (input: object) => listAudit(control.as(admin), input);

  test.each(["viewer", "operator"] as const)("is not for a %s", async (role) => {
    const ctx = control.as(person(role));
    await expect(listAudit(ctx, {})).rejects.toMatchObject({ code: "forbidden" });
    await expect(exportAudit(ctx, {}).next()).rejects.toMatchObject({ code: "forbidden" });
  });

  test.each([
    [{ limit: "0" }, "limit"],
    [{ limit: "501" }, "limit"],
    [{ after: "1_2; DROP TABLE audit_log" }, "after"],
    [{ after: "99999999999999999_1" }, "after"],
    [{ from: "yesterday" }, "from"],
    [{ to: "1e300" }, "to"],
    [{ q: "a\u0000b" }, "q"],
  ])("refuses %j", async (input, parameter) => {
    await expect(list(input)).rejects.toMatchObject({ code: "bad-parameter", details: { parameter } });
  });

  test("pages follow each other without gap or double, also while rows are added", async () => {
    await write(control, 25, { entity: "paged" });
    const seen: string[] = [];
    let page: AuditPage = await list({ entity: "paged", limit: 10 });
    for (;;) {
      seen.push(...page.entries.map(({ entityId }) => entityId));
      if (page.next === null) break;
      await write(control, 1, { entity: "paged", entityId: "new", at: new Date(NOW + 1_000_000) });
      page = await list({ entity: "paged", limit: 10, after: page.next });
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  describe("finds", () => {
    test("who, action, thing and time", async () => {
      const bo = person("operator");
      await setPreferences(control.as(bo, { clock: { now: () => NOW - 5_000 } }), { theme: "dark" });
      const found = async (input: object) => (await list(input)).entries.some(({ actor }) => actor.id === bo.id);
      for (const input of [
        { who: bo.id },
        { who: bo.name.toUpperCase() },
        { action: "preference.set", who: bo.id },
        { action: "preference", who: bo.id },
        { entity: "preference", entityId: bo.id },
        { from: NOW - 5_000, to: NOW - 4_999 },
        { q: "DARK", who: bo.id },
        { q: "192.0.2.7", who: bo.id },
      ])
        expect(await found(input), JSON.stringify(input)).toBe(true);
      for (const input of [
        { who: "nobody" },
        { action: "pref", who: bo.id },
        { from: NOW - 4_999, who: bo.id },
        { to: NOW - 5_000, who: bo.id },
        { q: "light", who: bo.id },
      ])
        expect(await found(input), JSON.stringify(input)).toBe(false);
    });

    test("text as it is: signs of patterns stand for themselves (invariant 8)", async () => {
      await write(control, 1, { entity: "signs", actorName: "100%_\\ sure", entityId: "a" });
      await write(control, 1, { entity: "signs", actorName: "100 and sure", entityId: "b" });
      const ids = async (input: object) => (await list({ entity: "signs", ...input })).entries.map((e) => e.entityId);
      expect(await ids({ who: "0%_\\ s" })).toEqual(["a"]);
      expect(await ids({ q: "0%" })).toEqual(["a"]);
      expect(await ids({ q: "' OR 1=1 --" })).toEqual([]);
    });
  });

  test("an export has everything that is asked for, in pieces", async () => {
    await write(control, 2_500, { entity: "exported" });
    const pieces: number[] = [];
    const ids = new Set<string>();
    for await (const entries of exportAudit(control.as(admin), { entity: "exported" })) {
      pieces.push(entries.length);
      for (const { id } of entries) ids.add(id);
    }
    expect(pieces).toEqual([1_000, 1_000, 500]);
    expect(ids.size).toBe(2_500);
  });
});
