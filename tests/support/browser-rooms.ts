/**
 * Browser contexts that the tests of a worker take in turns. A context that is made for one test costs more than what most tests
 * do in it: a process that compiles the whole program anew. These stay, with their cache and their process, and are cleared of what
 * a test left: tabs, cookies, permissions, routes and whatever an origin stores.
 */
import type { Browser, BrowserContext, CDPSession } from "playwright";

/** All that an origin can keep in a browser, the cache of answers left out. */
const STORED = "local_storage,indexeddb,cache_storage,service_workers,websql,file_systems";

/** Same site as every server of the tests. Nobody is asked: the answer is made here. */
const ANCHOR = "http://127.0.0.1/";

/** A context, and the tab that keeps its process alive between tests. */
export interface Room {
  readonly context: BrowserContext;
  readonly hasScript: boolean;
  readonly session: CDPSession;
}

export class Rooms {
  readonly #free: Room[] = [];

  constructor(
    private readonly browser: Browser,
    private readonly patienceMs: number,
  ) {}

  /** One that nobody else has until it is given back. */
  async take(hasScript: boolean): Promise<Room> {
    const found = this.#free.findIndex((room) => room.hasScript === hasScript);
    return found < 0 ? this.#make(hasScript) : this.#free.splice(found, 1)[0]!;
  }

  /** @param origins what was visited */
  async giveBack(room: Room, origins: Iterable<string>): Promise<void> {
    const { context, session } = room;
    const [, ...left] = context.pages();
    await Promise.all(left.map((page) => page.close()));
    const stored = [...origins].map((origin) => session.send("Storage.clearDataForOrigin", { origin, storageTypes: STORED })); // prettier-ignore
    await Promise.all([context.clearCookies(), context.clearPermissions(), context.unrouteAll(), ...stored]);
    this.#free.push(room);
  }

  async #make(hasScript: boolean): Promise<Room> {
    const context = await this.browser.newContext({ javaScriptEnabled: hasScript });
    context.setDefaultTimeout(this.patienceMs);
    const anchor = await context.newPage();
    await anchor.route(ANCHOR, (route) => route.fulfill({ contentType: "text/html", body: "<link rel=icon href=data:,>" })); // prettier-ignore
    await anchor.goto(ANCHOR);
    return { context, hasScript, session: await context.newCDPSession(anchor) };
  }
}
