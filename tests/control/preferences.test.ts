import { expect, test } from "vitest";
import { getPreferences } from "~/control/preference/get-preferences";
import { setPreferences } from "~/control/preference/set-preferences";
import { PREFERENCES_UNLESS_TOLD } from "~/control/preference/preference";
import { preference } from "~/control/db/schema/preference";
import { NOW, onEveryDatabase, person } from "../support/control";

onEveryDatabase((control) => {
  test("whoever chose nothing has what the program does unless told", async () => {
    expect(await getPreferences(control.as(person("viewer")))).toEqual(PREFERENCES_UNLESS_TOLD);
  });

  test("what is chosen is kept for that person alone, the rest stays as it was", async () => {
    const [anna, ben] = [person("viewer"), person("admin")];
    await setPreferences(control.as(anna), { theme: "dark", zone: "Europe/Berlin" });
    expect(await setPreferences(control.as(anna), { keys: false, density: undefined })).toEqual({
      theme: "dark",
      zone: "Europe/Berlin",
      density: "comfortable",
      keys: false,
      numbers: "auto",
    });
    expect(await getPreferences(control.as(ben))).toEqual(PREFERENCES_UNLESS_TOLD);
    await control.expectAuditRow(anna, {
      action: "preference.set",
      entityId: anna.id,
      before: { theme: "dark", zone: "Europe/Berlin", density: "comfortable", keys: true, numbers: "auto" },
      after: { theme: "dark", zone: "Europe/Berlin", density: "comfortable", keys: false, numbers: "auto" },
    });
  });

  test.each([
    [{ theme: "pink" }, "bad-parameter", "theme"],
    [{ zone: "Mars/Olympus" }, "bad-parameter", "zone"],
    [{ density: 3 }, "bad-parameter", "density"],
    [{ keys: "yes" }, "bad-parameter", "keys"],
    [{ numbers: "roman" }, "bad-parameter", "numbers"],
    [{ colour: "red" }, "bad-body", undefined],
    ["dark", "bad-body", undefined],
    [null, "bad-body", undefined],
  ])("%j is refused and changes nothing", async (input, code, parameter) => {
    const who = person("viewer");
    await expect(setPreferences(control.as(who), input)).rejects.toMatchObject({
      code,
      details: parameter === undefined ? {} : { parameter },
    });
    expect(await control.lastAudit("preference", who.id)).toBeNull();
  });

  test("what a newer program wrote is what this one does unless told", async () => {
    const who = person("viewer");
    await control.db.insert(preference).values({ ownerId: who.id, theme: "sepia", updatedAt: new Date(NOW) });
    expect(await getPreferences(control.as(who))).toEqual(PREFERENCES_UNLESS_TOLD);
  });
});
