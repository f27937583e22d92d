/**
 * What the control plane costs: the embedded database's start and memory, what it keeps through `kill -9`, and what a page or a
 * call costs more when somebody has to be known.
 */
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { copyOfDataSet } from "./data-set";
import { timedGet } from "./http-timing";
import { printReport, say, summarise, type Figure } from "./report";
import { tempFolder } from "./temp";

const EVENTS = 100_000;
const REQUESTS = 200;
const WARM_UP = 40;
const STARTS = 3;
const DATABASE_STARTS_MS = 60_000;
const SETTLE_MS = 2_000;
const OPEN = /"ms":(\d+)[^\n]*the control plane is open/;

/** @param args none */
export async function main([wrong]: string[]): Promise<number> {
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}".`);
  printReport("control", [...(await embeddedDatabase()), ...(await whoAsks())]);
  return 0;
}

/** Resident and greatest resident memory of a process, MB. */
function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) / 1_000;
  return { now: of("VmRSS"), most: of("VmHWM") };
}

async function untilOpen(server: ServerProcess): Promise<number> {
  const found = () => Promise.resolve(OPEN.exec(server.output));
  const match = await until("the control plane to be open", found, DATABASE_STARTS_MS);
  return Number(match[1]);
}

const send = (url: string, method: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method,
    redirect: "manual",
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function embeddedDatabase(): Promise<Figure[]> {
  const [first, later, memory, most, page]: number[][] = [[], [], [], [], []];
  let confirmed = 0;
  let kept = 0;
  for (let round = 0; round < STARTS; round++) {
    say(`Start ${round + 1} of ${STARTS} …`);
    const dataDir = await tempFolder();
    const names: string[] = [];
    for (const took of [first!, later!]) {
      const server = await ServerProcess.start({ dataDir, env: { WEIR_LOG: "info" } });
      // The page that is asked for while the database starts must not wait for it.
      page!.push((await timedGet(`${server.address}/`, "identity")).ms);
      took.push(await untilOpen(server));
      const views = `${server.address}/api/v1/saved-views`;
      const known = (await (await fetch(views)).json()) as { savedViews: { name: string }[] };
      kept += names.filter((name) => known.savedViews.some((view) => view.name === name)).length;
      for (let i = 0; i < 10; i++) {
        const name = randomUUID();
        const answer = await send(views, "POST", { name, path: "/feeds/pipeline_events", search: "status=FAILED" });
        if (answer.status !== 201) throw new Error(`A view was answered with ${answer.status}: ${await answer.text()}`);
        names.push(name);
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const measured = memoryOf(server.pid);
      memory!.push(measured.now);
      most!.push(measured.most);
      await server.kill();
    }
    confirmed += 10;
  }
  return [
    { what: "embedded database, first start", unit: "ms", value: summarise(first!), goal: 6_000 },
    { what: "embedded database, later starts", unit: "ms", value: summarise(later!), goal: 1_000 },
    { what: "/ while the database starts", unit: "ms", value: summarise(page!) },
    { what: "memory of the whole server, database open", unit: "MB", value: summarise(memory!), goal: 350 },
    { what: "the most that it was", unit: "MB", value: summarise(most!) },
    { what: `kept after kill -9, of ${confirmed} confirmed`, unit: "", value: kept, goal: confirmed, atLeast: true },
  ];
}

/** One request to each server in turn, so that both meet the same machine. */
async function whoAsks(): Promise<Figure[]> {
  say("Pages and calls …");
  const secret = randomUUID();
  const start = async (env: Record<string, string>) => {
    const { dataDir } = await copyOfDataSet(EVENTS);
    const server = await ServerProcess.start({ dataDir, env: { ...env, WEIR_LOG: "info" } });
    const { address } = server;
    const headers = { authorization: `Bearer ${env["WEIR_SECRET"] ?? ""}` };
    await until("the feed", async () => (await fetch(`${address}/readyz`, { headers })).ok, DATABASE_STARTS_MS);
    await untilOpen(server);
    return server;
  };
  const open = await start({});
  const closed = await start({ WEIR_SECRET: secret });
  try {
    const cookie = { cookie: await signIn(closed.address, secret) };
    const token = { authorization: `Bearer ${await newToken(closed.address, secret)}` };
    return [
      ...(await compare("/", "page of somebody signed in", open, closed, cookie, 5)),
      ...(await compare("/api/v1/feeds", "call with a token", open, closed, token, 5)),
    ];
  } finally {
    await open.stop();
    await closed.stop();
  }
}

async function compare(
  path: string,
  what: string,
  open: ServerProcess,
  closed: ServerProcess,
  headers: Record<string, string>,
  goal: number,
): Promise<Figure[]> {
  const [free, known, more]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < WARM_UP + REQUESTS; i++) {
    const one = (await timedGet(open.address + path, "identity")).ms;
    const other = (await timedGet(closed.address + path, "identity", headers)).ms;
    if (i < WARM_UP) continue;
    free.push(one);
    known.push(other);
    more.push(other - one);
  }
  return [
    { what: `${path} on an open server`, unit: "ms", value: summarise(free) },
    { what: `${path}, ${what}`, unit: "ms", value: summarise(known) },
    { what: `${what}: more than on the open server, request by request`, unit: "ms", value: summarise(more), goal },
  ];
}

/** A person who accepts an invitation is signed in. @returns their cookie */
async function signIn(address: string, secret: string): Promise<string> {
  const admin = { authorization: `Bearer ${secret}` };
  const invitation = { email: "ana@example.org", role: "operator", read: "all", write: "all" };
  const invited = await send(`${address}/api/v1/invitations`, "POST", invitation, admin);
  const { path } = (await invited.json()) as { path: string };
  const accepted = await fetch(address + path, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: address },
    body: new URLSearchParams({ name: "Ana", password: `bench ${randomUUID()}` }).toString(),
  });
  if (accepted.status !== 303) throw new Error(`The invitation was answered with ${accepted.status}.`);
  return accepted.headers.get("set-cookie")!.split(";")[0]!;
}

async function newToken(address: string, secret: string): Promise<string> {
  const asked = { name: "bench", read: "all", write: [] };
  const made = await send(`${address}/api/v1/tokens`, "POST", asked, { authorization: `Bearer ${secret}` });
  if (made.status !== 201) throw new Error(`A token was answered with ${made.status}: ${await made.text()}`);
  return ((await made.json()) as { token: string }).token;
}
