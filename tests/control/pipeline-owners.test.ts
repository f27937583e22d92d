import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { withTransaction } from "~/control/context";
import { user } from "~/control/db/schema/accounts";
import { deletePipelineOwner } from "~/control/pipeline-owner/delete-pipeline-owner";
import { getPipelineOwner } from "~/control/pipeline-owner/get-pipeline-owner";
import { listPipelineOwners } from "~/control/pipeline-owner/list-pipeline-owners";
import { setPipelineOwner } from "~/control/pipeline-owner/set-pipeline-owner";
import { getSavedView } from "~/control/saved-view/get-saved-view";
import { listSavedViews } from "~/control/saved-view/list-saved-views";
import { HOSTILE } from "../support/hostile-text";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";

const KEPT = {
  owner: "Data platform",
  ownerId: null,
  runbookUrl: "https://wiki.example.org/orders",
  logsTemplate: "https://logs.example.org/{pipeline}?b={batch}",
  rerunTemplate: null,
};
/** @returns the id of a new account */
async function anAccount(control: ControlFixture, given: { disabledAt?: Date } = {}): Promise<string> {
  const id = randomUUID();
  await control.db.insert(user).values({ id, name: "Carla", email: `${id}@example.org`, role: "viewer", ...given });
  return id;
}

const aPipeline = () => `orders › daily ${randomUUID()}`;

onEveryDatabase((control) => {
  test("what an operator keeps about a pipeline is there for everybody, in place of what was before", async () => {
    const [operator, viewer] = [person("operator"), person("viewer")];
    const name = aPipeline();
    const first = await setPipelineOwner(control.as(operator), name, { owner: "Anna" });
    expect(first).toMatchObject({ pipelineName: name, owner: "Anna", runbookUrl: null, updatedAt: NOW });
    await setPipelineOwner(control.as(operator), name, KEPT);
    expect(await getPipelineOwner(control.as(viewer), name)).toEqual({
      ...KEPT,
      pipelineName: name,
      updatedAt: NOW,
      updatedBy: operator.name,
    });
    expect(await listPipelineOwners(control.as(viewer), [name, "other"])).toHaveLength(1);
    expect((await listPipelineOwners(control.as(viewer))).map(({ pipelineName }) => pipelineName)).toContain(name);
    await control.expectAuditRow(operator, {
      action: "pipeline-owner.set",
      entityId: name,
      before: { owner: "Anna", ownerId: null, runbookUrl: null, logsTemplate: null, rerunTemplate: null },
      after: KEPT,
    });
    await deletePipelineOwner(control.as(operator), name);
    await control.expectAuditRow(operator, {
      action: "pipeline-owner.delete",
      entityId: name,
      before: KEPT,
      after: null,
    });
    await expect(getPipelineOwner(control.as(viewer), name)).rejects.toMatchObject({ code: "not-found" });
    await expect(deletePipelineOwner(control.as(operator), name)).rejects.toMatchObject({ code: "not-found" });
  });

  test("viewers read and change nothing", async () => {
    const viewer = control.as(person("viewer"));
    await expect(setPipelineOwner(viewer, "orders", KEPT)).rejects.toMatchObject({ code: "forbidden" });
    await expect(deletePipelineOwner(viewer, "orders")).rejects.toMatchObject({ code: "forbidden" });
  });

  test.each([
    [{ ...KEPT, owner: "" }, "bad-parameter", "owner"],
    [{ ...KEPT, owner: "a\nb" }, "bad-parameter", "owner"],
    [{ ...KEPT, runbookUrl: "javascript:alert(1)" }, "bad-parameter", "runbookUrl"],
    [{ ...KEPT, runbookUrl: "https://wiki.example.org/{pipeline}" }, "bad-parameter", "runbookUrl"],
    [{ ...KEPT, logsTemplate: "https://{pipeline}/" }, "bad-parameter", "logsTemplate"],
    [{ ...KEPT, rerunTemplate: "https://run.example.org/{colour}" }, "bad-parameter", "rerunTemplate"],
    [{ ...KEPT, rerunTemplate: `https://run.example.org/${"x".repeat(1_000)}` }, "bad-parameter", "rerunTemplate"],
    [{ ...KEPT, ownerId: "not an id" }, "bad-parameter", "ownerId"],
    [{ ...KEPT, colour: "red" }, "bad-body", undefined],
    [null, "bad-body", undefined],
  ])("%j is refused and changes nothing", async (input, code, parameter) => {
    const name = aPipeline();
    await expect(setPipelineOwner(control.as(person("operator")), name, input)).rejects.toMatchObject({
      code,
      details: parameter === undefined ? {} : { parameter },
    });
    expect(await control.lastAudit("pipeline-owner", name)).toBeNull();
  });

  test("nobody's id, and that of somebody who may not sign in, is refused with the cure and changes nothing", async () => {
    const operator = person("operator");
    const name = aPipeline();
    for (const ownerId of ["nobody", "local", "token:0", "system:mine", randomUUID()])
      await expect(setPipelineOwner(control.as(operator), name, { ...KEPT, ownerId })).rejects.toMatchObject({
        code: "bad-parameter",
        message: expect.stringMatching(
          new RegExp(`^ownerId: there is no account .* send null for none.* \\(it is "${ownerId}"\\)\\.$`),
        ) as string,
        details: { parameter: "ownerId" },
      });
    const gone = await anAccount(control, { disabledAt: new Date(NOW) });
    await expect(setPipelineOwner(control.as(operator), name, { ...KEPT, ownerId: gone })).rejects.toMatchObject({
      code: "bad-parameter",
      message: expect.stringContaining("the account of Carla is disabled") as string,
    });
    expect(await control.lastAudit("pipeline-owner", name)).toBeNull();
    await expect(getPipelineOwner(control.as(operator), name)).rejects.toMatchObject({ code: "not-found" });
  });

  test("an operator names somebody else, who goes on as owner after their account was disabled", async () => {
    const operator = control.as(person("operator"));
    const [name, ownerId] = [aPipeline(), await anAccount(control)];
    expect(await setPipelineOwner(operator, name, { ...KEPT, ownerId })).toMatchObject({ ownerId });
    await control.db
      .update(user)
      .set({ disabledAt: new Date(NOW) })
      .where(eq(user.id, ownerId));
    expect(await setPipelineOwner(operator, name, { ...KEPT, owner: "Carla", ownerId })).toMatchObject({
      owner: "Carla",
      ownerId,
    });
    await expect(setPipelineOwner(operator, aPipeline(), { ...KEPT, ownerId })).rejects.toMatchObject({
      code: "bad-parameter",
    });
  });

  test("whether there is such a person is looked at in the transaction that names them", async () => {
    const operator = person("operator");
    const [name, ownerId] = [aPipeline(), randomUUID()];
    await withTransaction(control.as(operator), async (tx, inside) => {
      await tx.insert(user).values({ id: ownerId, name: "Dora", email: `${ownerId}@example.org`, role: "viewer" });
      await setPipelineOwner(inside, name, { ...KEPT, ownerId });
    });
    expect(await getPipelineOwner(control.as(operator), name)).toMatchObject({ ownerId });
  });

  test("names of pipelines are kept as publishers wrote them (invariant 8)", async () => {
    const operator = control.as(person("operator"));
    for (const text of HOSTILE) {
      await setPipelineOwner(operator, text, { owner: "Anna" });
      expect(await getPipelineOwner(operator, text)).toMatchObject({ pipelineName: text });
      await deletePipelineOwner(operator, text);
    }
    await expect(setPipelineOwner(operator, "a\0b", KEPT)).rejects.toMatchObject({ code: "bad-body" });
  });

  test("the pipelines that a person owns are their view", async () => {
    const [anna, ben] = [person("operator"), person("viewer")];
    const name = aPipeline();
    await setPipelineOwner(control.as(anna), name, { owner: "Anna", ownerId: anna.id });
    const search = new URLSearchParams([["pipelineName", name]]).toString();
    expect(await listSavedViews(control.as(anna))).toContainEqual(
      expect.objectContaining({ id: "system:mine", search }),
    );
    expect(await getSavedView(control.as(anna), "system:mine")).toMatchObject({ name: "Mine", search });
    expect((await listSavedViews(control.as(ben))).map(({ id }) => id)).not.toContain("system:mine");
    await deletePipelineOwner(control.as(anna), name);
  });
});
