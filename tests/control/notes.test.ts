import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { addNote } from "~/control/note/add-note";
import { deleteNote } from "~/control/note/delete-note";
import { listNotes } from "~/control/note/list-notes";
import type { NoteSubject } from "~/control/note/note";
import { HOSTILE } from "../support/hostile-text";
import { NOW, onEveryDatabase, person } from "../support/control";

const aProblem = (): NoteSubject => ({ about: "problem", feed: "pipeline_events", ref: randomUUID() });

onEveryDatabase((control) => {
  test("notes stand in the order in which they were written, apart for problems and instants", async () => {
    const [anna, viewer] = [person("operator"), person("viewer")];
    const problem = aProblem();
    const instant: NoteSubject = { about: "instant", feed: "pipeline_events", ref: problem.ref };
    const first = await addNote(control.as(anna), problem, { text: "first\r\nand more" });
    expect(first).toEqual({
      ...problem,
      id: first.id,
      text: "first\nand more",
      author: { id: anna.id, name: anna.name },
      createdAt: NOW,
    });
    const later = control.as(anna, { clock: { now: () => NOW + 1 } });
    await addNote(later, problem, { text: "second" });
    await addNote(later, instant, { text: "of the instant" });
    expect((await listNotes(control.as(viewer), problem)).map(({ text }) => text)).toEqual([first.text, "second"]);
    expect((await listNotes(control.as(viewer), instant)).map(({ text }) => text)).toEqual(["of the instant"]);
    await control.expectAuditRow(anna, {
      action: "note.add",
      entityId: first.id,
      before: null,
      after: { ...problem, text: first.text },
    });
  });

  test("are deleted by their author or an admin", async () => {
    const [anna, ben, admin] = [person("operator"), person("operator"), person("admin")];
    const problem = aProblem();
    const [own, other] = [
      await addNote(control.as(anna), problem, { text: "one" }),
      await addNote(control.as(anna), problem, { text: "two" }),
    ];
    await expect(deleteNote(control.as(ben), problem, own.id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(deleteNote(control.as(anna), aProblem(), own.id)).rejects.toMatchObject({ code: "not-found" });
    await deleteNote(control.as(anna), problem, own.id);
    await deleteNote(control.as(admin), problem, other.id);
    await control.expectAuditRow(admin, {
      action: "note.delete",
      entityId: other.id,
      before: { ...problem, text: "two" },
      after: null,
    });
    expect(await listNotes(control.as(ben), problem)).toEqual([]);
    await expect(deleteNote(control.as(admin), problem, other.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("viewers write none, and nobody about a feed that they may not read", async () => {
    const problem = aProblem();
    const outsider = control.as(person("operator", { feeds: { read: [], write: "all" } }));
    for (const who of [control.as(person("viewer")), outsider]) {
      await expect(addNote(who, problem, { text: "x" })).rejects.toMatchObject({ code: "forbidden" });
      await expect(deleteNote(who, problem, "x")).rejects.toMatchObject({ code: "forbidden" });
    }
    await expect(listNotes(outsider, problem)).rejects.toMatchObject({ code: "forbidden" });
  });

  test.each([
    [{ text: " \n " }, "bad-parameter", "text"],
    [{ text: "x".repeat(4_001) }, "bad-parameter", "text"],
    [{ text: "a\u0007b" }, "bad-parameter", "text"],
    [{ text: "a\0b" }, "bad-parameter", "text"],
    [{ text: 5 }, "bad-parameter", "text"],
    [{ text: "x", colour: "red" }, "bad-body", undefined],
    ["x", "bad-body", undefined],
  ])("%j is refused", async (input, code, parameter) => {
    const problem = aProblem();
    const details = parameter === undefined ? {} : { parameter };
    await expect(addNote(control.as(person("operator")), problem, input)).rejects.toMatchObject({ code, details });
    expect(await listNotes(control.as(person("viewer")), problem)).toEqual([]);
  });

  test("any text stays the text that it was (invariant 8)", async () => {
    const [operator, problem] = [control.as(person("operator")), aProblem()];
    for (const text of HOSTILE.filter((one) => !one.includes("\u0007")))
      expect(await addNote(operator, problem, { text })).toMatchObject({ text: text.trim() });
  });
});
