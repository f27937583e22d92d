/** The control plane through the whole program: its calls, and that nothing that was confirmed is lost when it is killed. */
import { beforeAll, describe, expect, test } from "vitest";
import type { SavedView } from "~/control/saved-view/saved-view";
import { runningWeir } from "../support/weir";
import { until } from "../support/until";

const weir = runningWeir(undefined, { makesDatabase: true });
beforeAll(() => weir.untilControl());

async function call<T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers = {}) {
  const response = await fetch(weir.url(`/api/v1/${path}`), {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: (text === "" ? null : JSON.parse(text)) as T };
}

const view = (name: string) => ({ name, path: "/feeds/pipeline_events", search: "status=FAILED" });

describe("the calls", () => {
  test("a view is kept, changed, starred, made the default and deleted by the one local user", async () => {
    const made = await call<SavedView>("POST", "saved-views", view("Failed"));
    expect(made).toMatchObject({ status: 201, json: { name: "Failed", owner: { id: "local", name: "local user" } } });
    const { id } = made.json;
    expect(await call("PATCH", `saved-views/${id}`, { name: "Broken", visibility: "shared" })).toMatchObject({
      status: 200,
      json: { name: "Broken", visibility: "shared" },
    });
    expect(await call("PUT", `saved-views/${id}/star`, { starred: true })).toMatchObject({ json: { starred: true } });
    expect(await call("PUT", `saved-views/${id}/default`, { isDefault: true })).toMatchObject({
      json: { starred: true, isDefault: true },
    });
    const { json } = await call<{ savedViews: SavedView[] }>("GET", "saved-views");
    expect(json.savedViews.map(({ name }) => name)).toEqual(["Failing now", "Retrying", "Late", "Last hour", "Broken"]);
    expect(await call("DELETE", `saved-views/${id}`)).toEqual({ status: 204, json: null });
    expect(await call("GET", `saved-views/${id}`)).toMatchObject({ status: 404, json: { code: "not-found" } });
  });

  test("a view of the program is found by its id as it stands in an address", async () => {
    expect(await call("GET", "saved-views/system%3Alate")).toMatchObject({ status: 200, json: { name: "Late" } });
  });

  test("preferences are changed by those that are named", async () => {
    const changed = await fetch(weir.url("/api/v1/preferences"), {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ density: "compact" }),
    });
    expect(changed.status).toBe(200);
    // The browser that asked shows it on its next page, without waiting for the database.
    expect(changed.headers.get("set-cookie")).toMatch(/weir_looks=UTC~compact~on~auto/);
    expect(await call("GET", "preferences")).toEqual({
      status: 200,
      json: { theme: "system", zone: "UTC", density: "compact", keys: true, numbers: "auto" },
    });
  });

  test.each([
    ["what is no JSON", "{", {}, 400, "bad-body"],
    ["another type", "name=x", { "content-type": "text/plain" }, 415, "unsupported-type"],
    ["an encoding", "{}", { "content-encoding": "gzip" }, 415, "unsupported-type"],
    ["a body without end", JSON.stringify({ name: "a".repeat(20_000) }), {}, 413, "too-large"],
    ["a list", [], {}, 400, "bad-body"],
    ["a name that is none", { ...view(""), name: 7 }, {}, 400, "bad-parameter"],
  ])("%s is refused as a problem", async (_what, body, headers, status, code) => {
    expect(await call("POST", "saved-views", body, headers)).toMatchObject({ status, json: { code } });
  });

  test("what is done to pins and dead letters is in the audit log too", async () => {
    const feed = "feeds/pipeline_events";
    const instant = await weir.publish([weir.event({ eventId: "a" })]);
    expect(await call("POST", `${feed}/pins`, { at: instant, note: "the incident" })).toMatchObject({ status: 201 });
    expect(await call("DELETE", `${feed}/pins/${instant}`)).toMatchObject({ status: 204 });
    const bad = { ...weir.event({ eventId: "b" }), eventTimestamp: 1 };
    const sent = await call<{ rejected: { deadLetter: string }[] }>("POST", `${feed}/events`, [
      weir.event({ eventId: "c" }),
      bad,
    ]);
    const letter = sent.json.rejected[0]!.deadLetter;
    expect(await call("POST", `${feed}/dead-letters/${letter}/replay`)).toMatchObject({ status: 422 });
    expect(await call("DELETE", `${feed}/dead-letters/${letter}`)).toMatchObject({ status: 204 });
    const entriesOf = async (entity: string) =>
      (await call<{ entries: Record<string, unknown>[] }>("GET", `audit?entity=${entity}`)).json.entries;
    await until(
      "the rows",
      async () => (await entriesOf("dead-letter")).length + (await entriesOf("pin")).length === 3,
    );
    expect(await entriesOf("pin")).toMatchObject([
      { action: "pin.delete", entityId: `pipeline_events/${instant}`, before: { note: "the incident" }, after: null },
      { action: "pin.set", before: null, after: { note: "the incident", rows: 1 }, actor: { name: "local user" } },
    ]);
    expect(await entriesOf("dead-letter")).toMatchObject([
      { action: "dead-letter.delete", entityId: `pipeline_events/${letter}`, before: { source: "http" }, after: null },
    ]);
  });

  test("a name that is taken is a conflict", async () => {
    await call("POST", "saved-views", view("Twice"));
    expect(await call("POST", "saved-views", view("twice"))).toMatchObject({ status: 409, json: { code: "conflict" } });
  });

  test("a parameter that nobody knows is named", async () => {
    expect(await call("GET", "saved-views?limit=1")).toMatchObject({
      status: 400,
      json: { code: "bad-parameter", parameter: "limit" },
    });
  });
});

test("what was confirmed is there after each of several kills in the middle of writing", async () => {
  const confirmed: string[] = [];
  for (let kill = 0; kill < 4; kill++) {
    const { port } = weir;
    let ended = false;
    const writing = (async () => {
      for (let i = 0; !ended; i++) {
        const name = `kill ${kill} view ${i}`;
        const { status } = await call("POST", "saved-views", view(name));
        if (status === 201) confirmed.push(name);
      }
    })().catch(() => undefined); // the connection ends with the server
    const before = confirmed.length;
    await until("some views to be confirmed", () => confirmed.length >= before + 10 + kill * 7, 60_000);
    await weir.kill();
    ended = true;
    await writing;
    await weir.startAgain(port);
    await weir.untilControl();
    const { json } = await call<{ savedViews: SavedView[] }>("GET", "saved-views");
    const kept = new Set(json.savedViews.map(({ name }) => name));
    expect(confirmed.filter((name) => !kept.has(name))).toEqual([]);
  }
});
