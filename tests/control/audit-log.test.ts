import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { createSavedView } from "~/control/saved-view/create-saved-view";
import { withTransaction } from "~/control/context";
import { savedView } from "~/control/db/schema/saved-view";
import { eq } from "drizzle-orm";
import { onEveryDatabase, person } from "../support/control";

const view = { name: "Failed", path: "/feeds/pipeline_events", search: "status=FAILED" };

onEveryDatabase((control) => {
  test.each(["UPDATE audit_log SET actor_id = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"])(
    "rows of the audit log stay as they are: %s is refused",
    async (statement) => {
      const who = person("viewer");
      const { id } = await createSavedView(control.as(who), view);
      await expect(control.db.execute(sql.raw(statement))).rejects.toMatchObject({ cause: { code: "23001" } });
      expect(await control.lastAudit("saved-view", id)).toMatchObject({ actorId: who.id });
    },
  );

  test("what fails later in a transaction leaves neither its work nor its audit row", async () => {
    const ctx = control.as(person("viewer"));
    let id = "";
    const work = withTransaction(ctx, async (_tx, inside) => {
      ({ id } = await createSavedView(inside, view));
      throw new Error("afterwards");
    });
    await expect(work).rejects.toThrow("afterwards");
    expect(await control.db.select().from(savedView).where(eq(savedView.id, id))).toEqual([]);
    expect(await control.lastAudit("saved-view", id)).toBeNull();
  });
});
