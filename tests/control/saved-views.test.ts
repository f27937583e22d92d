import { describe, expect, test } from "vitest";
import type { Actor } from "~/control/actor";
import { createSavedView } from "~/control/saved-view/create-saved-view";
import { defaultViewOf } from "~/control/saved-view/default-view-of";
import { deleteSavedView } from "~/control/saved-view/delete-saved-view";
import { getSavedView } from "~/control/saved-view/get-saved-view";
import { listSavedViews } from "~/control/saved-view/list-saved-views";
import { setDefaultView } from "~/control/saved-view/set-default-view";
import { starSavedView } from "~/control/saved-view/star-saved-view";
import { updateSavedView } from "~/control/saved-view/update-saved-view";
import { lastShownOf, savedViewNamed } from "~/control/last-shown";
import { NOW, onEveryDatabase, person } from "../support/control";

const PATH = "/feeds/pipeline_events";
const FAILED = { name: "Failed", path: PATH, search: "status=FAILED" };

onEveryDatabase((control) => {
  let named = 0;
  /** A view of a name that no other test has. */
  const create = (who: Actor, given: object = {}) =>
    createSavedView(control.as(who), { ...FAILED, name: `Failed ${++named}`, ...given });

  test("a state of a page is kept as its page understands it, without the place in the list", async () => {
    const anna = person("viewer");
    const view = await create(anna, { name: "  Mine  ", search: "status=FAILED&from=-2h&q=a b&after=xyz" });
    expect(view).toEqual({
      id: expect.any(String) as string,
      name: "Mine",
      path: PATH,
      search: "status=FAILED&from=-2h&q=a+b",
      href: `${PATH}?status=FAILED&from=-2h&q=a+b`,
      visibility: "private",
      owner: { id: anna.id, name: anna.name },
      starred: false,
      isDefault: false,
      createdAt: NOW,
      updatedAt: NOW,
    });
    expect(await getSavedView(control.as(anna), view.id)).toEqual(view);
    await control.expectAuditRow(anna, {
      action: "saved-view.create",
      entityId: view.id,
      before: null,
      after: {
        name: "Mine",
        path: PATH,
        search: "status=FAILED&from=-2h&q=a+b",
        visibility: "private",
        ownerId: anna.id,
      },
    });
  });

  test("chosen columns, the order and the state of other lists are kept with it", async () => {
    const who = person("viewer");
    const columns = await create(who, { search: "status=FAILED&cols=host,status,errorMessage" });
    expect(columns.search).toBe("status=FAILED&cols=host%2Cstatus%2CerrorMessage");
    const list = await create(who, { path: "/pipelines", search: "state=failing&q=orders" });
    expect(list.href).toBe("/pipelines?state=failing&q=orders");
    expect((await create(who, { search: "sort=-durationMs" })).search).toBe("sort=-durationMs");
    expect((await create(who, { path: "/", search: "sort=duration" })).href).toBe("/?sort=duration");
  });

  test("everybody sees the views of the program, one's own and shared ones", async () => {
    const [anna, ben] = [person("operator"), person("viewer")];
    const shared = await create(anna, { visibility: "shared" });
    const own = await create(anna);
    const seenBy = async (who: Actor) => (await listSavedViews(control.as(who))).map(({ id }) => id);
    expect((await seenBy(anna)).slice(0, 4)).toEqual([
      "system:failing-now",
      "system:retrying",
      "system:late",
      "system:last-hour",
    ]);
    expect(await seenBy(anna)).toEqual(expect.arrayContaining([shared.id, own.id]));
    expect(await seenBy(ben)).toContain(shared.id);
    expect(await seenBy(ben)).not.toContain(own.id);
  });

  test("views of a feed that one may not read are not there", async () => {
    const anna = person("operator");
    const shared = await create(anna, { visibility: "shared" });
    const outsider = control.as(person("viewer", { feeds: { read: [], write: "all" } }));
    expect(await listSavedViews(outsider)).toEqual([]);
    await expect(getSavedView(outsider, shared.id)).rejects.toMatchObject({ code: "not-found" });
    await expect(getSavedView(outsider, "system:late")).rejects.toMatchObject({ code: "not-found" });
    await expect(createSavedView(outsider, FAILED)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("who was shown a view is not shown it again, away as the database may be, when it is taken back or deleted", async () => {
    const [anna, ben] = [person("operator"), person("viewer")];
    const ctx = control.as(anna);
    const isShown = (id: string) => lastShownOf(ctx).find(ben, savedViewNamed(id)) !== null;
    const shownTo = async () => {
      const { id } = await createSavedView(ctx, { ...FAILED, name: `Failed ${++named}`, visibility: "shared" });
      lastShownOf(ctx).keep(ben, savedViewNamed(id), await getSavedView({ ...ctx, actor: ben }, id), NOW);
      return id;
    };
    const [taken, deleted] = [await shownTo(), await shownTo()];
    await updateSavedView(ctx, taken, { search: "status=RUNNING" });
    expect(isShown(taken)).toBe(true);
    await updateSavedView(ctx, taken, { visibility: "private" });
    await deleteSavedView(ctx, deleted);
    expect([isShown(taken), isShown(deleted)]).toEqual([false, false]);
  });

  test("another's private view is not there, not even for an admin", async () => {
    const view = await create(person("viewer"));
    const admin = control.as(person("admin"));
    for (const attempt of [
      () => getSavedView(admin, view.id),
      () => updateSavedView(admin, view.id, { name: "taken" }),
      () => deleteSavedView(admin, view.id),
      () => starSavedView(admin, view.id, { starred: true }),
      () => setDefaultView(admin, view.id, { isDefault: true }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: "not-found" });
  });

  describe("sharing", () => {
    test("is for operators", async () => {
      const viewer = person("viewer");
      await expect(create(viewer, { visibility: "shared" })).rejects.toMatchObject({ code: "forbidden" });
      const view = await create(viewer);
      const share = updateSavedView(control.as(viewer), view.id, { visibility: "shared" });
      await expect(share).rejects.toMatchObject({ code: "forbidden" });
    });

    test("lets others see it and only its owner and admins change it", async () => {
      const [anna, ben, admin] = [person("operator"), person("operator"), person("admin")];
      const view = await create(anna, { visibility: "shared" });
      await expect(updateSavedView(control.as(ben), view.id, { name: "Ben's" })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(deleteSavedView(control.as(ben), view.id)).rejects.toMatchObject({ code: "forbidden" });
      const name = `${view.name} of the team`;
      expect(await updateSavedView(control.as(admin), view.id, { name })).toMatchObject({ name, search: view.search });
      await deleteSavedView(control.as(admin), view.id);
      await control.expectAuditRow(admin, {
        action: "saved-view.delete",
        entityId: view.id,
        before: { name, path: PATH, search: view.search, visibility: "shared", ownerId: anna.id },
        after: null,
      });
    });

    test("that ends takes the stars and defaults of others with it", async () => {
      const [anna, ben] = [person("operator"), person("viewer")];
      const view = await create(anna, { visibility: "shared" });
      for (const who of [anna, ben]) {
        await starSavedView(control.as(who), view.id, { starred: true });
        await setDefaultView(control.as(who), view.id, { isDefault: true });
      }
      await updateSavedView(control.as(anna), view.id, { visibility: "private" });
      expect(await defaultViewOf(control.as(ben), PATH)).toBeNull();
      expect(await getSavedView(control.as(anna), view.id)).toMatchObject({ starred: true, isDefault: true });
      await updateSavedView(control.as(anna), view.id, { visibility: "shared" });
      expect(await getSavedView(control.as(ben), view.id)).toMatchObject({ starred: false, isDefault: false });
    });
  });

  test("names are taken once per person and once among the shared, in any case of letters", async () => {
    const [anna, ben] = [person("operator"), person("operator")];
    const name = `Nightly ${++named}`;
    const own = await create(anna, { name });
    await expect(create(anna, { name: name.toUpperCase() })).rejects.toMatchObject({
      code: "conflict",
      message: `You have a view ${JSON.stringify(name.toUpperCase())} already: choose another name.`,
    });
    await create(ben, { name, visibility: "shared" });
    const share = updateSavedView(control.as(anna), own.id, { visibility: "shared" });
    await expect(share).rejects.toMatchObject({ code: "conflict" });
    expect(await getSavedView(control.as(anna), own.id)).toEqual(own);
  });

  test("a star is one's own, also on a view of the program", async () => {
    const [anna, ben] = [person("viewer"), person("viewer")];
    expect(await starSavedView(control.as(anna), "system:late", { starred: true })).toMatchObject({ starred: true });
    expect(await getSavedView(control.as(anna), "system:late")).toMatchObject({ starred: true });
    expect(await getSavedView(control.as(ben), "system:late")).toMatchObject({ starred: false });
    await starSavedView(control.as(anna), "system:late", { starred: false });
    await control.expectAuditRow(anna, {
      action: "saved-view.star",
      entityId: "system:late",
      before: { starred: true },
      after: { starred: false },
    });
  });

  test("a page has one default per person, the last that was chosen", async () => {
    const anna = person("viewer");
    const [first, second] = [await create(anna), await create(anna)];
    await setDefaultView(control.as(anna), first.id, { isDefault: true });
    await setDefaultView(control.as(anna), second.id, { isDefault: true });
    expect(await defaultViewOf(control.as(anna), PATH)).toMatchObject({ id: second.id });
    await control.expectAuditRow(anna, {
      action: "saved-view.set-default",
      entityId: second.id,
      before: { path: PATH, viewId: first.id },
      after: { path: PATH, viewId: second.id },
    });
    await setDefaultView(control.as(anna), second.id, { isDefault: false });
    expect(await defaultViewOf(control.as(anna), PATH)).toBeNull();
  });

  test("what is deleted is nobody's star or default", async () => {
    const anna = person("viewer");
    const view = await create(anna);
    await starSavedView(control.as(anna), view.id, { starred: true });
    await setDefaultView(control.as(anna), view.id, { isDefault: true });
    await deleteSavedView(control.as(anna), view.id);
    expect(await defaultViewOf(control.as(anna), PATH)).toBeNull();
    await expect(getSavedView(control.as(anna), view.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("views of the program cannot be changed", async () => {
    const admin = control.as(person("admin"));
    await expect(updateSavedView(admin, "system:late", { name: "x" })).rejects.toMatchObject({ code: "not-found" });
    await expect(deleteSavedView(admin, "system:late")).rejects.toMatchObject({ code: "not-found" });
  });

  test.each<[string, object, string, string | undefined]>([
    ["no name", { name: "  " }, "bad-parameter", "name"],
    ["a name of two lines", { name: "a\nb" }, "bad-parameter", "name"],
    ["a name with a null", { name: "a\0b" }, "bad-parameter", "name"],
    ["half of a character", { name: "a\ud800" }, "bad-parameter", "name"],
    ["a name without end", { name: "a".repeat(121) }, "bad-parameter", "name"],
    ["a page of another server", { path: "//evil.example/feeds" }, "bad-parameter", "path"],
    ["a page of another server in disguise", { path: "/\\evil.example" }, "bad-parameter", "path"],
    ["an address with a scheme", { path: "javascript:alert(1)" }, "bad-parameter", "path"],
    ["a call of the API", { path: "/api/v1/feeds" }, "bad-parameter", "path"],
    ["a feed that is not there", { path: "/feeds/nope" }, "unknown-feed", undefined],
    ["a path that is no text", { path: "/feeds/%ff" }, "bad-parameter", "path"],
    ["a column that is not there", { search: "colour=red" }, "bad-parameter", "colour"],
    ["a chosen column that is not there", { search: "cols=status,colour" }, "bad-parameter", "cols"],
    ["an order of what has none", { search: "sort=labels" }, "bad-parameter", "sort"],
    ["a time that is none", { search: "from=yesterday" }, "bad-parameter", "from"],
    ["a query without end", { search: `q=${"a".repeat(4_000)}` }, "bad-parameter", "search"],
    ["what another page does not know", { path: "/", search: "colour=red" }, "bad-parameter", "search"],
    ["a visibility that is none", { visibility: "public" }, "bad-parameter", "visibility"],
    ["an unknown member", { owner: "me" }, "bad-body", undefined],
  ])("%s is refused", async (_what, given, code, parameter) => {
    await expect(create(person("operator"), given)).rejects.toMatchObject({
      code,
      details: parameter === undefined ? {} : { parameter },
    });
  });

  test.each(["'; DROP TABLE saved_view; --", "", 7, null])("%j is no id", async (id) => {
    await expect(getSavedView(control.as(person("admin")), id)).rejects.toMatchObject({ code: "bad-body" });
  });
});
