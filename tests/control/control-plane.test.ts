/** What the control plane is while its database starts, answers, goes away and comes back. */
import { Registry } from "prom-client";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { LOCAL_USER } from "~/control/actor";
import { RightsChanges } from "~/control/rights";
import { ControlPlane, type ControlPlaneOptions } from "~/control/control-plane";
import type { ControlContext } from "~/control/context";
import { openPostgres } from "~/control/db/postgres";
import { getPreferences } from "~/control/preference/get-preferences";
import { setPreferences } from "~/control/preference/set-preferences";
import { PREFERENCES_UNLESS_TOLD } from "~/control/preference/preference";
import { FEEDS, freshDatabase, NOW, openDump } from "../support/control";
import { MIGRATIONS } from "../support/control-files";
import { Gate } from "../support/gate";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const clock = { now: () => NOW };

function controlPlane(open: ControlPlaneOptions["open"], given: Partial<ControlPlaneOptions> = {}): ControlPlane {
  const control = new ControlPlane({
    open,
    migrationsFolder: MIGRATIONS,
    isShared: false,
    settleMs: 3_600_000,
    probeMs: null,
    clock,
    log: silentLog,
    metrics: new Registry(),
    ...given,
  });
  onTestFinished(() => control.close());
  return control;
}

const contextOf = (control: ControlPlane, patienceMs = 30_000): ControlContext => ({
  control,
  rights: new RightsChanges(),
  actor: LOCAL_USER,
  ip: null,
  requestId: null,
  feeds: FEEDS,
  clock,
  newId: () => "id",
  patienceMs,
});

describe("the embedded database", () => {
  test("is opened by the first who asks, who waits for it", async () => {
    let opened = 0;
    const control = controlPlane(() => {
      opened += 1;
      return openDump();
    });
    expect(control.state).toEqual({ kind: "starting" });
    expect(opened).toBe(0);
    const both = await Promise.all([getPreferences(contextOf(control)), getPreferences(contextOf(control))]);
    expect(both).toEqual([PREFERENCES_UNLESS_TOLD, PREFERENCES_UNLESS_TOLD]);
    expect(opened).toBe(1);
    expect(control.state).toEqual({ kind: "ready" });
  });

  test("makes room for the first page, and for whoever asks it is opened all the same", async () => {
    let opened = 0;
    const open = () => {
      opened += 1;
      return openDump();
    };
    let show: () => void = () => undefined;
    const shown = new Promise<void>((resolve) => (show = resolve));
    const waiting = controlPlane(open, { settleMs: 0, after: shown });
    const asked = controlPlane(open, { settleMs: 0, after: new Promise(() => undefined) });
    expect(await getPreferences(contextOf(asked))).toEqual(PREFERENCES_UNLESS_TOLD);
    expect([opened, waiting.state.kind]).toEqual([1, "starting"]);
    show();
    await until("the other one to open", () => waiting.state.kind === "ready");
    expect(opened).toBe(2);
  });

  test("is opened after a while when nobody asks", async () => {
    const control = controlPlane(openDump, { settleMs: 0 });
    await until("the control plane to be ready", () => control.state.kind === "ready");
  });

  test("holds up nobody who has no patience", async () => {
    const control = controlPlane(() => new Promise(() => undefined));
    await expect(getPreferences(contextOf(control, 0))).rejects.toMatchObject({
      code: "control-unavailable",
      message: expect.stringContaining("is still starting") as string,
      details: { retryAfterMs: 5_000 },
    });
    expect(control.state).toEqual({ kind: "starting" });
  });

  test("that does not open is away with the reason, and is tried again", async () => {
    let tries = 0;
    const control = controlPlane(() => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error("no room")) : openDump();
    });
    await expect(getPreferences(contextOf(control))).rejects.toMatchObject({
      code: "control-unavailable",
      message: expect.stringContaining("cannot be reached (no room)") as string,
    });
    expect(control.state).toEqual({ kind: "away", reason: "no room", since: NOW });
    await until("the control plane to be back", () => control.state.kind === "ready");
    expect(await getPreferences(contextOf(control))).toEqual(PREFERENCES_UNLESS_TOLD);
  });

  test("can be closed while it starts, and answers nobody afterwards", async () => {
    const control = controlPlane(() => new Promise(() => undefined));
    const asked = getPreferences(contextOf(control));
    const refused = expect(asked).rejects.toMatchObject({ code: "control-unavailable" });
    await control.close();
    await refused;
    await expect(getPreferences(contextOf(control))).rejects.toMatchObject({ code: "control-unavailable" });
  });
});

describe.skipIf(inject("postgresUrl") === null)("a Postgres server", () => {
  async function behindGate(given: Partial<ControlPlaneOptions> = {}) {
    const url = new URL(await freshDatabase());
    const gate = await Gate.to(Number(url.port));
    url.port = String(gate.port);
    const control = controlPlane((onLost) => Promise.resolve(openPostgres(url.href, onLost)), given);
    return { gate, control, ctx: contextOf(control) };
  }

  test("that goes away is told to whoever writes, and is found again by itself with what it had", async () => {
    const { gate, control, ctx } = await behindGate();
    await setPreferences(ctx, { theme: "dark" });
    await gate.shut();
    await expect(setPreferences(ctx, { theme: "light" })).rejects.toMatchObject({ code: "control-unavailable" });
    await until("the control plane to be away", () => control.state.kind === "away");
    await gate.open();
    await until("the control plane to be back", () => control.state.kind === "ready", 20_000);
    expect(await getPreferences(ctx)).toMatchObject({ theme: "dark" });
  });

  test("that goes away is noticed when nobody asks", async () => {
    const { gate, control, ctx } = await behindGate({ probeMs: 50 });
    await getPreferences(ctx);
    await gate.shut();
    await until("the control plane to be away", () => control.state.kind === "away");
  });

  test("that is not there yet when we start is found when it is", async () => {
    const { gate, control, ctx } = await behindGate();
    await gate.shut();
    await expect(getPreferences(ctx)).rejects.toMatchObject({ code: "control-unavailable" });
    expect(control.state).toMatchObject({ kind: "away" });
    await gate.open();
    await until("the control plane to be ready", () => control.state.kind === "ready", 20_000);
  });

  test("that ends one connection loses no more than what ran in it", async () => {
    const { control, ctx } = await behindGate();
    await getPreferences(ctx);
    const db = await control.database(0);
    const ended = ctx.control.database(0).then((one) => one.execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    await expect(
      ended.catch((error: unknown) => Promise.reject(control.explain(error) as Error)),
    ).rejects.toMatchObject({
      code: "control-unavailable",
    });
    await until("the control plane to be back", () => control.state.kind === "ready");
    expect(await control.database(0)).not.toBe(db);
  });
});
