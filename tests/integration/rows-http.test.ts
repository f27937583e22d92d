/** Rows, history and timeline over HTTP: the formats, what may be cached, and what is refused. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/until";
import { Weir } from "../support/weir";

const weir = new Weir(() => Promise.resolve({}));
const rows = "/api/v1/feeds/pipeline_events/rows";
let first: string;
let second: string;

interface Rows {
  feed: string;
  position: string;
  instant: string;
  rows: Record<string, unknown>[];
  next: string | null;
  sortedFrom?: number | null;
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(weir.url(path), { headers });
const json = async <T = Rows>(path: string): Promise<T> => (await get(path)).json() as Promise<T>;
const ids = ({ rows: found }: Rows) => found.map(({ eventId }) => eventId);

beforeAll(async () => {
  await weir.start();
  const older = Array.from({ length: 30 }, (_, i) =>
    weir.event({
      eventId: `e-${i}`,
      status: i % 3 === 0 ? "FAILED" : "RUNNING",
      errorMessage: i % 3 === 0 ? 'a "b", ü\n<c>' : null,
    }),
  );
  first = await weir.publish(older);
  const updatedAt = older[0]!.lastUpdatedAt + 1;
  second = await weir.publish([{ ...older[0]!, status: "COMPLETED", errorMessage: null, lastUpdatedAt: updatedAt }]);
});
afterAll(() => weir.close());

test("rows are objects with the schema's fields, newest first, and name their position", async () => {
  const answer = await json(`${rows}?limit=3`);
  expect(answer).toMatchObject({ feed: "pipeline_events", instant: second });
  expect(answer.position.endsWith(`.${second}`)).toBe(true);
  expect(ids(answer)).toEqual(["e-29", "e-28", "e-27"]);
  expect(Object.keys(answer.rows[0]!).slice(0, 3)).toEqual(["eventId", "correlationId", "pipelineName"]);
});

test("pages follow each other on one instant without gap or overlap", async () => {
  const seen: unknown[] = [];
  let next: string | null = null;
  do {
    const page: Rows = await json(`${rows}?at=${first}&limit=7${next ? `&after=${next}` : ""}`);
    expect(page.instant).toBe(first);
    seen.push(...ids(page));
    next = page.next;
  } while (next !== null);
  expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => `e-${29 - i}`));
});

test("filters are answered as of the instant (invariant 5)", async () => {
  expect(ids(await json(`${rows}?status=FAILED&at=${first}`))).toContain("e-0");
  expect(ids(await json(`${rows}?status=FAILED`))).not.toContain("e-0");
  expect(ids(await json(`${rows}?status=FAILED&status=COMPLETED&eventId=e-0&eventId=e-1`))).toEqual(["e-0"]);
  expect((await json(`${rows}?errorMessage!=`)).rows).toHaveLength(9);
  expect((await json(`${rows}?q=${encodeURIComponent("Ü\n<C>")}`)).rows).toHaveLength(9);
});

test("an instant is immutable and not sent twice, the present is asked again", async () => {
  const fixed = await get(`${rows}?at=${first}&limit=2`);
  expect(fixed.headers.get("cache-control")).toContain("immutable");
  expect(fixed.headers.get("weir-instant")).toBe(first);
  const again = await get(`${rows}?at=${first}&limit=2`, { "if-none-match": fixed.headers.get("etag")! });
  expect(again.status).toBe(304);
  expect((await get(`${rows}?at=${first}&limit=3`, { "if-none-match": fixed.headers.get("etag")! })).status).toBe(200);
  expect((await get(`${rows}?limit=2`)).headers.get("cache-control")).toBe("no-cache");
  expect((await get(`${rows}?at=now&limit=2`)).headers.get("cache-control")).toBe("no-cache");
});

test("lines and tables carry the rows alone, by format or by Accept", async () => {
  const lines = await get(`${rows}?format=ndjson&limit=2`);
  expect(lines.headers.get("content-type")).toContain("application/x-ndjson");
  expect(lines.headers.get("weir-position")).toMatch(new RegExp(`\\.${second}$`));
  const parsed = (await lines.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(parsed.map(({ eventId }) => eventId)).toEqual(["e-29", "e-28"]);
  const table = await get(`${rows}?eventId=e-3`, { accept: "text/csv" });
  expect(table.headers.get("content-type")).toContain("text/csv");
  const [header, row] = (await table.text()).split("\r\n");
  expect(header!.split(",").slice(0, 2)).toEqual(["eventId", "correlationId"]);
  expect(row).toContain('"a ""b"", ü\n<c>"');
});

test("large answers are streamed whole, with what Hudi adds when asked", async () => {
  const streamed = await json(`${rows}?limit=500000`);
  expect(streamed).toMatchObject({ next: null, instant: second });
  expect(streamed.rows).toHaveLength(30);
  const empty = await json(`${rows}?limit=500000&eventId=nobody`);
  expect(empty).toMatchObject({ rows: [], next: null });
  const meta = await json(`${rows}?limit=500000&meta=true&eventId=e-0`);
  expect(meta.rows[0]).toMatchObject({ _hoodie_commit_time: second, _hoodie_record_key: "e-0", status: "COMPLETED" });
  expect(Object.keys(meta.rows[0]!).at(-1)).toBe("event_date");
});

test("rows stand in the order that was chosen, page after page, now and then (invariant 5)", async () => {
  const all = Array.from({ length: 30 }, (_, i) => `e-${i}`);
  const oldest = await json(`${rows}?sort=eventTimestamp&limit=4`);
  expect(ids(oldest)).toEqual(all.slice(0, 4));
  expect(oldest).toMatchObject({ instant: second, sortedFrom: null });
  expect(ids(await json(`${rows}?sort=eventTimestamp&limit=4&after=${oldest.next!}`))).toEqual(all.slice(4, 8));
  const byStatus = `${rows}?sort=status&limit=2&cols=eventId,status`;
  expect((await json(byStatus)).rows[0]).toEqual({ eventId: "e-0", status: "COMPLETED" });
  expect((await json(`${byStatus}&at=${first}`)).rows[0]).toEqual({ eventId: "e-27", status: "FAILED" });
  const past = await get(`${byStatus}&at=${first}&format=csv`);
  expect(await past.text()).toBe("eventId,status\r\ne-27,FAILED\r\ne-24,FAILED\r\n");
  expect(past.headers.get("weir-sorted-from")).toBe("0");
  expect(past.headers.get("cache-control")).toBe("no-cache");
});

test("what is not understood or not kept is refused by name", async () => {
  for (const [query, parameter] of [
    ["colour=red", "colour"],
    ["vs=now", "vs"],
    ["format=xml", "format"],
    ["meta=maybe", "meta"],
    ["limit=1000001", "limit"],
    ["after=zzz", "after"],
    ["sort=labels", "sort"],
    ["sort=status&meta=true", "sort"],
  ]) {
    const answer = await get(`${rows}?${query}`);
    expect(answer.status, query).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "bad-parameter", parameter });
  }
  const gone = await get(`${rows}?at=20200101000000000`);
  expect(gone.status).toBe(410);
  expect(await gone.json()).toMatchObject({ code: "gone", oldest: first });
  expect((await get("/api/v1/feeds/nothing/rows")).status).toBe(404);
});

test("the history of an event is all of its versions", async () => {
  const history = await json<{ key: string; versions: { instant: string; row: Record<string, unknown> }[] }>(
    "/api/v1/feeds/pipeline_events/history/e-0",
  );
  expect(history.versions.map(({ instant, row }) => [instant, row["status"]])).toEqual([
    [first, "FAILED"],
    [second, "COMPLETED"],
  ]);
  expect((await get("/api/v1/feeds/pipeline_events/history/nobody")).status).toBe(404);
});

test("the timeline tells each commit of the state", async () => {
  interface Timeline {
    instants: Record<string, unknown>[];
    next: string | null;
  }
  const path = "/api/v1/feeds/pipeline_events/timeline";
  const { instants } = await json<Timeline>(path);
  expect(instants.find(({ instant }) => instant === second)).toMatchObject({
    action: "commit",
    state: "COMPLETED",
    inserted: 0,
    updated: 1,
    pinned: false,
    batches: 1,
  });
  const page = await json<Timeline>(`${path}?limit=1`);
  expect(page.instants).toHaveLength(1);
  expect((await json<Timeline>(`${path}?after=${page.next}`)).instants).toEqual(instants.slice(1));
  expect((await get(`${path}?limit=0`)).status).toBe(400);
});

test("what rules of people group may not be kept: rules that change make another answer of the same instant", async () => {
  const failed = (eventId: string, errorMessage: string) =>
    weir.event({ eventId, correlationId: eventId, pipelineName: "grouped", status: "FAILED", errorMessage });
  const instant = await weir.publish([failed("g-1", "no route to the host"), failed("g-2", "the table is locked")]);
  const { position } = await json(`${rows}?at=${instant}&limit=1`);
  const problems = "/api/v1/views/problems/rows";
  const paths = [`/api/v1/pipelines/grouped?at=${instant}`, `${problems}?at=${instant}`, `${problems}?at=${position}`];
  const answers = () =>
    Promise.all(
      paths.map(async (path) => {
        const response = await get(path);
        expect(response.status, path).toBe(200);
        expect(response.headers.get("cache-control"), path).not.toContain("immutable");
        return { path, etag: response.headers.get("etag")!, body: await response.text() };
      }),
    );
  const before = await answers();
  const { rows: found } = await json<{ rows: { id: string; pipelineName: string }[] }>(`${problems}?at=${instant}`);
  const [one, other] = found.filter(({ pipelineName }) => pipelineName === "grouped");
  const merged = await fetch(weir.url(`/api/v1/problems/${one!.id}/merge`), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ into: other!.id }),
  });
  expect(merged.status).toBe(201);
  for (const { path, etag, body } of before) {
    await until(`another answer of ${path}`, async () => (await (await get(path)).text()) !== body);
    expect((await get(path, { "if-none-match": etag })).status, path).toBe(200);
  }
});
