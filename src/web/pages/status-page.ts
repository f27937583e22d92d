/**
 * How the program itself is: server, feeds, engine, database, subscriptions. Never waits for any of them. It is of the present, for
 * nothing is kept of it.
 */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import type { Tone } from "../../components/ui/tone";
import type { Zone } from "../../components/ui/time-text";
import { actorOf } from "../actor";
import { readableFeeds } from "../feed-access";
import { version } from "../../../package.json";
import { askedPast, type AskedPast } from "./asked-past";
import { zoneOf } from "./reader-zone";

/** One part in a word, and why it is so in a sentence. */
export interface PartStatus {
  name: string;
  tone: Tone;
  word: string;
  detail: string;
}

export interface FeedStatus {
  name: string;
  title: string;
  tone: Tone;
  word: string;
  /** What is wrong with it; empty when nothing is. */
  detail: string;
  committedAt: number | null;
  rows: number;
  from: number | null;
  staged: { events: number; oldestAt: number | null };
  deadLetters: number;
}

export interface StatusPage {
  /** What other pages were of, where the reader came from. */
  past: AskedPast | null;
  now: number;
  zone: Zone;
  version: string;
  startedAt: number;
  connections: number;
  parts: readonly PartStatus[];
  feeds: readonly FeedStatus[];
  pulls: readonly (PartStatus & { feed: string; inHand: number })[];
}

const FEED_TONES = { live: "ok", "catching-up": "wait", stalled: "bad", "read-only": "none" } as const;
const PULL_TONES = { pulling: "ok", waiting: "wait", missing: "bad", failing: "bad", closed: "none" } as const;

export function statusPage(app: App, ev: RequestEventCommon): StatusPage {
  const feeds = readableFeeds(app.feeds, actorOf(ev));
  const readable = new Set(feeds.map(({ name }) => name));
  const first = app.feeds[0];
  return {
    past: askedPast(ev, app.clock.now()),
    now: app.clock.now(),
    zone: zoneOf(ev),
    version,
    startedAt: app.startedAt,
    connections: first === undefined ? 0 : app.live.status(first.name).connections,
    parts: [serverPart(app), enginePart(app, readable), databasePart(app), processesPart(app)],
    feeds: feeds.map(({ name, title }) => feedStatus(app, name, title)),
    pulls: app
      .pulls()
      .filter(({ feed }) => readable.has(feed))
      .map(({ feed, subscription, state, reason, outstanding }) => ({
        feed,
        name: subscription,
        tone: PULL_TONES[state],
        word: state,
        detail: reason ?? "",
        inHand: outstanding,
      })),
  };
}

function serverPart(app: App): PartStatus {
  const missing = app.notReady();
  return missing === null
    ? { name: "Server", tone: "ok", word: "ready", detail: "Pages, calls and streams are answered." }
    : { name: "Server", tone: "wait", word: "not ready", detail: missing };
}

/** That a feed has a fault is everybody's to know; what it is, of those who may read the feed. */
function enginePart({ config, feeds, live }: App, readable: ReadonlySet<string>): PartStatus {
  const { engine } = config;
  const kind = engine.kind === "spark" ? `Spark at ${engine.address.host}:${engine.address.port}` : "embedded";
  const faults = feeds.flatMap(({ name }) => {
    const { fault } = live.status(name);
    return fault === null ? [] : [{ name, fault }];
  });
  if (faults.length === 0) return { name: "Engine", tone: "ok", word: "answers", detail: kind };
  const told = faults.find(({ name }) => readable.has(name));
  return { name: "Engine", tone: "bad", word: "away", detail: told ? `${kind}: ${told.fault}` : kind };
}

function databasePart({ control, config }: App): PartStatus {
  const where = config.control.databaseUrl === null ? "embedded" : "a server";
  const { state } = control;
  switch (state.kind) {
    case "ready":
      return {
        name: "Database",
        tone: "ok",
        word: "ready",
        detail: `What people decide is kept in ${where === "embedded" ? "the embedded Postgres" : "a Postgres server"}.`,
      };
    case "starting":
      return { name: "Database", tone: "wait", word: "starting", detail: "Events, pages and streams do without it." };
    default:
      return {
        name: "Database",
        tone: "bad",
        word: "away",
        detail: `${state.reason} Events, pages and streams do without it.`,
      };
  }
}

function processesPart({ processes }: App): PartStatus {
  return processes === null
    ? { name: "Other servers", tone: "none", word: "none", detail: "This process has its lake to itself." }
    : {
        name: "Other servers",
        tone: "ok",
        word: "shared",
        detail: "Several servers reach this lake; one of them writes each feed.",
      };
}

function feedStatus(app: App, name: string, title: string): FeedStatus {
  const { staged, deadLetters, state, stalledReason } = app.ingest.status(name);
  const { committedAt, hot, fault } = app.live.status(name);
  const writer = app.processes?.writerOf(name) ?? null;
  const elsewhere = writer && !writer.here ? `written by ${writer.address ?? writer.host}` : "";
  return {
    name,
    title,
    tone: fault === null ? FEED_TONES[state] : "bad",
    word: fault === null ? state : "away",
    detail: fault ?? stalledReason ?? elsewhere,
    committedAt,
    rows: hot.rows,
    from: hot.from,
    staged: { events: staged.events, oldestAt: staged.oldestAt },
    deadLetters,
  };
}
