/** Dashboards while the database that keeps them is away: what somebody has seen goes on, and nobody sees more than before. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { note, oneOfEach } from "../support/dashboard-layouts";
import { missingForPostgres, startPostgres, type PostgresServer } from "../support/postgres-server";
import { CutLine } from "../support/processes/cut-line";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const SECRET = "0123456789abcdef0123";
const LONG_MS = 60_000;
const missing = await missingForPostgres();
if (missing !== null && process.env["CI"] === "true") throw new Error(missing);

describe.skipIf(missing !== null)("while the database is away", () => {
  let postgres: PostgresServer;
  let line: CutLine;
  const weir = runningWeir(async () => {
    postgres = await startPostgres();
    line = await CutLine.open(Number(new URL(postgres.url).port));
    const throughLine = new URL(postgres.url);
    throughLine.port = String(line.port);
    return { WEIR_SECRET: SECRET, DATABASE_URL: throughLine.href };
  });
  afterAll(async () => {
    await line.close();
    await postgres.stop();
  });

  type Headers = Record<string, string>;
  const holder: Headers = { authorization: `Bearer ${SECRET}` };
  let anna: Headers;
  let ben: Headers;
  let seen: string;
  let unseen: string;

  const ask = (path: string, headers: Headers) =>
    fetch(weir.url(path), { headers: { accept: "text/html", ...headers }, redirect: "manual" });
  const post = (path: string, headers: Headers, body: object, method = "POST") =>
    fetch(weir.url(path), {
      method,
      redirect: "manual",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const form = (path: string, headers: Headers, fields: Record<string, string>) =>
    fetch(weir.url(path), {
      method: "POST",
      redirect: "manual",
      headers: { accept: "text/html", "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  const idOf = async (answer: Response) => ((await answer.json()) as { id: string }).id;

  async function newPerson(name: string): Promise<Headers> {
    const invited = await post("/api/v1/invitations", holder, { email: `${name}@example.org`, role: "operator" });
    const { path } = (await invited.json()) as { path: string };
    const accepted = await form(path, {}, { name, password: "correct horse battery staple" });
    expect(accepted.status).toBe(303);
    return { cookie: accepted.headers.get("set-cookie")!.split(";")[0]! };
  }

  const untilDatabase = (state: string) =>
    until(
      `the database to be ${state}`,
      async () => (await (await fetch(weir.url("/readyz"))).text()).includes(`control plane ${state}`),
      LONG_MS,
    );

  beforeAll(async () => {
    await weir.untilControl();
    [anna, ben] = [await newPerson("anna"), await newPerson("ben")];
    const view = await idOf(
      await post("/api/v1/saved-views", anna, {
        name: "My failures",
        path: "/feeds/pipeline_events",
        search: "status=FAILED",
      }),
    );
    const layout = oneOfEach();
    const ofView = layout.panels.find(({ kind }) => kind === "table")!;
    const panels = layout.panels.map((panel) =>
      panel === ofView ? { ...panel, title: "Saved", settings: { ...panel.settings, source: `saved/${view}`, filter: "" } } : panel,
    ); // prettier-ignore
    const given = { name: "Of the team", visibility: "shared", layout: { ...layout, panels } };
    seen = await idOf(await post("/api/v1/dashboards", anna, given));
    unseen = await idOf(
      await post("/api/v1/dashboards", anna, {
        name: "Not looked at",
        visibility: "shared",
        layout: { ...layout, panels: [note("a", { x: 0, y: 0, w: 4, h: 3 })] },
      }),
    );
    await weir.publishTo(
      "pipeline_events",
      [weir.event({ eventId: "e-1", status: "FAILED", errorMessage: "disk is full" })],
      holder,
    );
    for (const path of [`/dashboards/${seen}`, "/dashboards"]) {
      const page = await ask(path, anna);
      expect(page.status).toBe(200);
      expect(await page.text()).not.toContain("does not answer just now");
    }
    // Ben has been here, but not at a dashboard.
    expect((await ask("/", ben)).status).toBe(200);
    line.cut();
    await untilDatabase("away");
  }, 180_000);

  test("a dashboard that somebody has seen is shown to them with how old it is, and follows what happens", async () => {
    const page = await ask(`/dashboards/${seen}`, anna);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toMatch(/does not answer just now: this is the dashboard as read \d+ (s|min) ago, at \d\d:\d\d:\d\d UTC\. Changes may not be saved/); // prettier-ignore
    expect(text).toContain("Of the team");
    expect(text).toContain("My failures");
    expect(text).not.toContain("cannot be shown");
    expect(text).not.toMatch(/>\s*Arrange\s*</);
    await weir.publishTo(
      "pipeline_events",
      [weir.event({ eventId: "e-2", status: "FAILED", errorMessage: "the network is away" })],
      holder,
    );
    const panels = () => ask(`/api/v1/dashboards/${seen}/panels`, anna);
    await until("the new failure on its panels", async () => {
      const answer = await panels();
      expect(answer.status).toBe(200);
      return (await answer.text()).includes("the network is away");
    });
  });

  test("the list of dashboards is the one that was read last", async () => {
    const page = await ask("/dashboards", anna);
    expect(page.status).toBe(200);
    const text = await page.text();
    expect(text).toContain("these are the dashboards as read");
    expect(text).toContain("Of the team");
  });

  test("what somebody was not shown before they are not shown now, though it is the team's", async () => {
    expect((await ask(`/dashboards/${unseen}`, anna)).status).toBe(503);
    for (const path of [`/dashboards/${seen}`, "/dashboards", `/api/v1/dashboards/${seen}/panels`]) {
      const answer = await ask(path, ben);
      expect(answer.status, path).toBe(503);
      expect(await answer.text(), path).not.toContain("Of the team");
    }
    for (const headers of [{}, { cookie: anna["cookie"]!.replace(/\..*/, ".x") }])
      expect([303, 401]).toContain((await ask(`/dashboards/${seen}`, headers)).status);
  });

  test("calls answer 503, so that no program takes what is old for what is kept", async () => {
    for (const path of ["/api/v1/dashboards", `/api/v1/dashboards/${seen}`, `/api/v1/dashboards/${seen}/export`]) {
      const answer = await ask(path, anna);
      expect(answer.status, path).toBe(503);
      expect(Number(answer.headers.get("retry-after")), path).toBeGreaterThan(0);
    }
  });

  test("a form is answered by the page, which says that nothing was saved", async () => {
    const renamed = await form(`/dashboards/${seen}`, anna, { do: "rename", name: "Renamed", revision: "1" });
    expect(renamed.status).toBe(503);
    const text = await renamed.text();
    expect(text).toContain("Of the team");
    expect(text).not.toContain("Renamed");
    expect(text).toContain('role="alert"');
    const created = await form("/dashboards", anna, { do: "create", name: "Another", start: "empty" });
    expect(created.status).toBe(503);
    expect(await created.text()).toContain("these are the dashboards as read");
  });

  test("when it is back, everybody sees what is kept and changes it", async () => {
    line.mend();
    await untilDatabase("ready");
    const page = await ask(`/dashboards/${seen}`, anna);
    expect(await page.text()).not.toContain("does not answer just now");
    expect((await ask(`/dashboards/${seen}`, ben)).status).toBe(200);
    const renamed = await form(`/dashboards/${seen}`, anna, { do: "rename", name: "Renamed", revision: "1" });
    expect(renamed.status).toBe(303);
  });
});
