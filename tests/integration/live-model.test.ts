/**
 * Invariant 4 as a game: random commits, deletes, moves, lost history and new tables; several instances that lag behind each
 * other; clients that disconnect in the middle of an event, stall, come back elsewhere, and come back the way browsers do. After
 * every event that a client takes, its rows must equal the view rendered at its cursor.
 *
 * The negative controls break one rule of the client each and must be caught, else the game proves nothing.
 */
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { Cursors } from "~/components/live/cursors";
import { KeyedRows } from "~/components/live/keyed-rows";
import { derivedPosition } from "~/live/follower";
import { Live } from "~/live/live";
import { attemptFields } from "~/model/attempt";
import type { ViewDelta } from "~/model/delta";
import { normaliseError, problemId } from "~/model/normalise-error";
import { NO_RULES, Regrouping, type ProblemRule } from "~/model/problem-rule";
import { comparePositions, parsePosition, positionOf, type Position } from "~/model/position";
import { wantedTopics } from "~/model/since";
import { compareText, type Row } from "~/model/value";
import { VIEWS, viewShape, type Topic, type ViewName } from "~/model/view";
import { AttemptFold } from "~/model/view-fold";
import { MemoryFeed } from "../support/memory-feed";
import { memoryRequest, type MemoryConnection } from "../support/memory-http";
import { eventRow, NINE, pipelineFeed } from "../support/pipeline-feed";
import { sseParser, type SseEvent } from "../support/sse";

const HOT_ROWS = 12;
const TOPICS: readonly Topic[] = ["feeds/pipeline_events", ...VIEWS.map((view) => `views/${view}` as const)];
const FIELDS = attemptFields(pipelineFeed)!;

type Fault = "apply-known" | "ignore-gap" | "keep-deleted" | "keep-pushed-out" | null;

/** Small deterministic generator (mulberry32): a failing run is run again by its seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class World {
  readonly random: () => number;
  readonly tables = new MemoryFeed(pipelineFeed);
  readonly clock = { ms: NINE, now: () => this.clock.ms };
  readonly instances: Live[] = [];
  readonly #truths = new Map<string, string>();
  #epochs = 1;
  /** Every way in which problems were ever grouped; the last is how they are now. */
  readonly #groupings: Regrouping[] = [NO_RULES];
  #rules: readonly ProblemRule[] = [];
  resets = 0;
  events = 0;

  /** @param heardBy how likely an instance hears of a commit at once */
  constructor(
    seed: number,
    readonly heardBy: number,
  ) {
    this.random = generator(seed);
  }

  async open(): Promise<void> {
    for (let i = 0; i < 3; i++) this.commit();
    for (let i = 0; i < 3; i++) {
      this.instances.push(
        await Live.open({
          feeds: [pipelineFeed],
          readerOf: () => this.tables,
          hotRows: HOT_ROWS,
          clock: this.clock,
          log: pino({ level: "silent" }),
          metrics: new Registry(),
          random: this.random,
          limits: { heartbeatMs: 5, behindMs: 60_000, slice: 2, lifetimeMs: 600_000 },
          ring: { frames: 4, bytes: 1_000_000 },
          pollMs: 3_600_000,
        }),
      );
    }
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!;
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** One commit; each instance hears of it at once, or not at all. */
  commit(heardBy = this.heardBy): void {
    this.clock.ms += 1_000;
    const state = this.tables.rowsAt(positionOf(this.tables.epoch, "99991231235959999"));
    const up = Array.from({ length: Math.floor(this.random() * 5) }, () => this.#row(state));
    const unique = [...new Map(up.map((row) => [row[0], row])).values()];
    const isPurge = this.chance(0.04);
    const leaving = state.filter(() => this.chance(isPurge ? 0.8 : 0.02)).map((row) => row[0] as string);
    const del = leaving.filter((key) => !unique.some((row) => row[0] === key));
    const commit = this.tables.commit(this.clock.ms, unique, del);
    for (const instance of this.instances) if (this.chance(heardBy)) instance.committed("pipeline_events", commit);
  }

  #row(state: readonly Row[]): Row {
    const key = `e-${Math.floor(this.random() * 60)}`;
    const old = state.find((row) => row[0] === key);
    const time = NINE - Math.floor(this.random() * 40) * 3_600_000;
    const keepsTime = old && this.chance(0.9);
    const status = this.pick(["STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"]);
    return eventRow({
      eventId: key,
      correlationId: `batch-${Math.floor(this.random() * 4)}`,
      pipelineName: this.pick(["orders", "stock"]),
      stageName: this.pick(["read", "load"]),
      status,
      attempt: Math.floor(this.random() * 2),
      eventTimestamp: keepsTime ? old[pipelineFeed.eventTime]! : time,
      lastUpdatedAt: this.clock.ms + Math.floor(this.random() * 900),
      errorMessage: status === "FAILED" ? this.pick(["disk full", "timeout after 30 s", "timeout after 7 s"]) : null,
      processedRecordCount: Math.floor(this.random() * 100),
    });
  }

  headInstant(): string {
    return new Date(this.clock.ms).toISOString().replace(/[^0-9]/g, "");
  }

  forget(): void {
    const reach = this.clock.ms - Math.floor(this.random() * 20) * 1_000;
    const position = positionOf(this.tables.epoch, new Date(reach).toISOString().replace(/[^0-9]/g, ""));
    this.tables.forget(position);
  }

  /** Somebody merges, splits, or undoes it; an instance may not have heard of it yet. */
  regroup(): void {
    const stage = this.pick(["read", "load"]);
    const id = (error: string) => problemId("orders", stage, normaliseError(error).text);
    const common = { id: "r", feed: "pipeline_events" };
    const rules: ProblemRule[] = this.pick<ProblemRule[]>([
      [],
      [{ ...common, kind: "merge", problemId: id("disk full"), into: id("timeout after 7 s") }],
      [{ ...common, kind: "split", problemId: id("timeout after 7 s"), containing: "30" }],
    ]);
    this.#groupings.push(new Regrouping(rules));
    this.#rules = rules;
    for (const instance of this.instances) if (this.chance(0.7)) instance.regroup(rules);
  }

  /** All instances have heard what people decided last, as they do within seconds. */
  agree(): void {
    for (const instance of this.instances) instance.regroup(this.#rules);
  }

  recreate(): void {
    this.tables.recreate(`e${++this.#epochs}`);
    this.commit();
  }

  /** The rows of a topic as a page would show them at a position of it, as text; null when the table of then is gone. */
  truth(topic: Topic, position: Position): string | null {
    if (!parsePosition(position)!.epoch.startsWith(this.tables.epoch)) return null;
    const name = `${topic}@${position}`;
    let text = this.#truths.get(name);
    if (text === undefined) this.#truths.set(name, (text = textOf(topic, this.#rendered(topic, position))));
    return text;
  }

  #rendered(topic: Topic, position: Position): Row[] {
    const { instant } = parsePosition(position)!;
    const window = this.tables.rowsAt(positionOf(this.tables.epoch, instant)).slice(0, HOT_ROWS);
    if (topic.startsWith("feeds/")) return window;
    const own = positionOf(this.tables.epoch, instant);
    const regrouping = this.#groupings.find(({ version }) => derivedPosition(own, HOT_ROWS, version) === position)!;
    return new AttemptFold(FIELDS, window, { regrouping }).rows(topic.slice("views/".length) as ViewName);
  }

  async close(): Promise<void> {
    for (const instance of this.instances) await instance.close();
  }
}

const shapeOf = (topic: Topic) => {
  if (topic.startsWith("feeds/")) return pipelineFeed;
  const view = topic.slice("views/".length) as ViewName;
  return viewShape(view, view);
};

function textOf(topic: Topic, rows: readonly Row[]): string {
  const { key } = shapeOf(topic);
  return JSON.stringify([...rows].sort((a, b) => compareText(a[key] as string, b[key] as string)));
}

/** A page in a browser: the real cursors and rows of the browser end, and a link that does what links do. */
class Page {
  readonly #world: World;
  readonly #fault: Fault;
  #cursors = new Cursors([]);
  #rows = new Map<Topic, KeyedRows>();
  #connection: MemoryConnection | null = null;
  #lastEventId = "";
  #firstQuery = "";
  #cameWithId = false;
  #needsLoad = true;
  divergence: string | null = null;

  constructor(world: World, fault: Fault) {
    this.#world = world;
    this.#fault = fault;
  }

  get isOpen(): boolean {
    return this.#connection !== null;
  }

  async load(): Promise<void> {
    const instance = this.#world.pick(this.#world.instances);
    const views = await Promise.all(TOPICS.map((topic) => instance.read(topic, null)));
    this.#cursors = new Cursors(
      views.map(({ topic, position, shape }) => ({ topic, since: position, key: shape.key })),
    );
    this.#rows = new Map(
      views.map(({ topic, shape, rows }) => [topic, new KeyedRows(shape.key, shape.eventTime, rows)]),
    );
    this.#needsLoad = false;
    this.#lastEventId = "";
    this.#firstQuery = this.#cursors.query();
    this.#compare("after load");
  }

  /** The way our client comes back (fresh positions), the way a browser does (stale address, last id), or from nothing. */
  async connect(): Promise<void> {
    if (this.#needsLoad) await this.load();
    // A browser's own way of coming back is where known frames are sent again.
    const like = this.#fault === "apply-known" ? 0.7 : this.#world.random();
    const query = new URLSearchParams(like < 0.6 ? this.#cursors.query() : this.#firstQuery);
    const since = like < 0.9 ? query.get("since") : null;
    const lastEventId = like < 0.6 || this.#lastEventId === "" ? null : this.#lastEventId;
    this.#cameWithId = like < 0.9 && lastEventId !== null;
    const wanted = wantedTopics(query.get("topics")!, since, like < 0.9 ? lastEventId : null);
    if (typeof wanted === "string") throw new Error(wanted);
    const parse = sseParser();
    const { connection, request, response } = memoryRequest({}, (text) => {
      if (connection !== this.#connection) return;
      for (const event of parse(text)) this.#take(event);
    });
    this.#connection = connection;
    response.once("close", () => {
      if (connection === this.#connection) this.#connection = null;
    });
    response.once("finish", () => {
      if (connection === this.#connection) this.#connection = null;
      connection.destroy();
      response.destroy();
    });
    void this.#world.pick(this.#world.instances).subscribe(request, response, wanted);
  }

  /** The connection breaks, possibly in the middle of an event. */
  disconnect(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.destroy();
  }

  stall(): void {
    this.#connection?.stall();
  }

  proceed(): void {
    this.#connection?.proceed();
  }

  async settle(): Promise<void> {
    const isThere = () =>
      TOPICS.every((topic) => {
        const { instant } = parsePosition(this.#cursors.position(topic)!)!;
        return topic.startsWith("views/") || instant === this.#world.headInstant();
      });
    for (let i = 0; i < 20_000 && !(this.isOpen && isThere()); i++) {
      if (!this.isOpen) await this.connect();
      this.proceed();
      await turn();
    }
    if (!isThere()) this.divergence ??= "the page did not arrive at the head";
  }

  #take(event: SseEvent): void {
    this.#world.events++;
    if (event.id !== null) this.#lastEventId = event.id;
    const topic = event.data["topic"] as Topic;
    if (event.event === "reset") {
      this.#world.resets++;
      this.#needsLoad = true;
      return this.disconnect();
    }
    if (event.event === "bye") return this.disconnect();
    if (event.event === "hello" && !this.#cameWithId) {
      const taken = this.#cursors.greet(topic, event.data["since"] as Position);
      if (taken !== "known" && this.#fault !== "ignore-gap") return this.#comeAnew();
    }
    if (event.event === "hb") this.#cursors.bookmark(topic, event.data["head"] as Position);
    if (event.event === "delta") this.#delta(topic, event.data as unknown as ViewDelta);
    if (this.#connection) this.#compare(`${event.event} of ${topic}`);
  }

  /** What the page ends itself it begins anew: with an address of its own, and without the id that a browser would keep. */
  #comeAnew(): void {
    this.#lastEventId = "";
    this.#firstQuery = this.#cursors.query();
    this.disconnect();
  }

  #delta(topic: Topic, delta: ViewDelta): void {
    const taken = this.#cursors.take(topic, this.#bent(topic, delta));
    if (taken === "gap" || taken === "reset") return this.#comeAnew();
    this.#cursors.flush((shown, change) => {
      const broken = {
        up: change.up,
        del: this.#fault === "keep-deleted" ? [] : change.del,
        floor: this.#fault === "keep-pushed-out" ? null : change.floor,
      };
      this.#rows.get(shown as Topic)!.apply(broken);
    });
  }

  /** What a client without one of the rules would take: a frame made to look acceptable. */
  #bent(topic: Topic, delta: ViewDelta): ViewDelta {
    const cursor = this.#cursors.position(topic)!;
    const isKnown = (comparePositions(delta.to, cursor) ?? 1) <= 0;
    if (this.#fault === "apply-known" && isKnown) {
      const { epoch, instant } = parsePosition(cursor)!;
      const bent = { ...delta, from: positionOf(epoch, "0"), to: positionOf(epoch, `${BigInt(instant) + 1n}`) };
      return bent;
    }
    if (this.#fault === "ignore-gap" && !isKnown)
      return { ...delta, from: positionOf(parsePosition(delta.from)!.epoch, "0") };
    return delta;
  }

  #compare(when: string): void {
    if (this.divergence !== null) return;
    for (const topic of TOPICS) {
      const position = this.#cursors.position(topic)!;
      const truth = this.#world.truth(topic, position);
      if (truth === null) continue;
      const own = textOf(topic, this.#rows.get(topic)!.ordered());
      if (own !== truth) this.divergence = `${when}: ${topic} at ${position}\n has ${own}\n not ${truth}`;
    }
  }
}

let world: World | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

/** Plays one game; the first divergence ends it. */
async function play(
  seed: number,
  fault: Fault,
  actions: number,
): Promise<{ divergence: string | null; resets: number; events: number }> {
  // Frames that a page has already come from instances that are behind.
  world = new World(seed, fault === "apply-known" ? 0.35 : 0.7);
  const game = world;
  await game.open();
  const pages = Array.from({ length: 4 }, () => new Page(game, fault));
  const divergence = () => pages.find((page) => page.divergence !== null)?.divergence ?? null;
  for (let i = 0; i < actions && divergence() === null; i++) {
    const page = game.pick(pages);
    const dice = game.random();
    if (dice < 0.55) game.commit();
    else if (dice < 0.7) {
      if (!page.isOpen) await page.connect();
    } else if (dice < 0.76) page.disconnect();
    else if (dice < 0.84) page.stall();
    else if (dice < 0.96) page.proceed();
    else if (dice < 0.985) game.forget();
    else if (dice < 0.99) game.recreate();
    else if (dice < 0.998) game.regroup();
    for (let turns = Math.floor(game.random() * 6); turns > 0; turns--) await turn();
  }
  if (fault === null && divergence() === null) {
    game.commit(1);
    game.agree();
    for (const page of pages) await page.settle();
  }
  for (const page of pages) page.disconnect();
  await game.close();
  world = null;
  return { divergence: divergence(), resets: game.resets, events: game.events };
}

describe("the state of a browser that follows", () => {
  it("equals the view rendered at its cursor after every event (invariant 4)", async () => {
    let resets = 0;
    let events = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const result = await play(seed, null, 150);
      expect(result.divergence, `seed ${seed}`).toBeNull();
      resets += result.resets;
      events += result.events;
    }
    // A game in which nothing happened would pass as well.
    expect(resets).toBeGreaterThan(50);
    expect(events).toBeGreaterThan(3_000);
  });

  it.each(["apply-known", "ignore-gap", "keep-deleted", "keep-pushed-out"] as const)(
    "is seen to diverge when the client breaks a rule: %s",
    async (fault) => {
      for (let seed = 1; seed <= 200; seed++) {
        const { divergence } = await play(seed, fault, 150);
        if (divergence !== null) return;
      }
      expect.unreachable(`no game caught a client with the fault ${fault}`);
    },
  );
});
