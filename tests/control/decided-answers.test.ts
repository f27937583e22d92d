/** What pages ask for is kept in each process; several of them share a database. */
import { expect, test, vi } from "vitest";
import { withTransaction, type ControlContext } from "~/control/context";
import { revisionOf } from "~/control/db/revision";
import { DecidedAnswers } from "~/control/decided-answers";
import { listMarks } from "~/control/problem-mark/list-marks";
import { listPipelineOwners } from "~/control/pipeline-owner/list-pipeline-owners";
import { setPipelineOwner } from "~/control/pipeline-owner/set-pipeline-owner";
import { listSavedViews } from "~/control/saved-view/list-saved-views";
import { onEveryDatabase, person, type ControlFixture } from "../support/control";

/** The context of a process of its own. */
function inProcess(control: ControlFixture, revision: (() => Promise<string>) | null): ControlContext {
  const ctx = control.as(person("operator"));
  return { ...ctx, control: { ...ctx.control, kept: new DecidedAnswers(revision) } };
}

const ownerOf = async (ctx: ControlContext, name: string) => (await listPipelineOwners(ctx, [name]))[0]?.owner ?? null;

onEveryDatabase((control) => {
  test("what one process decided is in the next answer of every other", async () => {
    const [one, other] = [0, 1].map(() => inProcess(control, () => revisionOf(control.pool))) as [
      ControlContext,
      ControlContext,
    ];
    expect(await ownerOf(other, "orders")).toBeNull();
    for (const owner of ["anna", "ben"]) {
      await setPipelineOwner(one, "orders", { owner });
      expect([await ownerOf(other, "orders"), await ownerOf(one, "orders")]).toEqual([owner, owner]);
    }
  });

  test("where nobody else writes, what was decided is in the next answer without asking for a revision", async () => {
    const alone = inProcess(control, null);
    expect(await ownerOf(alone, "invoices")).toBeNull();
    await setPipelineOwner(alone, "invoices", { owner: "anna" });
    expect(await ownerOf(alone, "invoices")).toBe("anna");
  });

  test("what every page asks is asked of the database once", async () => {
    const ctx = inProcess(control, null);
    const asked = vi.spyOn(control.pool, "query");
    const ask = () => Promise.all([listMarks(ctx), listPipelineOwners(ctx), listSavedViews(ctx)]);
    await ask();
    const first = asked.mock.calls.length;
    await ask();
    expect(first).toBeGreaterThan(0);
    expect(asked.mock.calls.length).toBe(first);
    asked.mockRestore();
  });

  test("what a transaction has not committed is in no answer but its own", async () => {
    const ctx = inProcess(control, null);
    const undone = withTransaction(ctx, async (_tx, inside) => {
      await setPipelineOwner(inside, "returns", { owner: "anna" });
      expect(await ownerOf(inside, "returns")).toBe("anna");
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect(await ownerOf(ctx, "returns")).toBeNull();
  });
});
