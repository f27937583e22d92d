/** Pins of a feed over HTTP: make, list, remove. */
import type { RequestEventBase } from "@builder.io/qwik-city";
import { z } from "zod";
import type { App } from "../app";
import { keepable } from "../control/input";
import { AppError } from "../model/app-error";
import { isInstant, type Instant } from "../model/instant";
import { parseAt } from "../model/row-query";
import { controlContext } from "./actor";
import { readSmall } from "./form";

const MAX_NOTE = 1_000;
/** Each keeps a hot window on disk for ever. */
const MAX_PINS = 500;

const request = z.strictObject({ at: z.union([z.string(), z.number()]), note: z.string().max(MAX_NOTE).default("") });

/** @throws AppError unknown-feed, bad-body, bad-parameter, gone, not-found when there is nothing to keep, disk-full */
export async function pinInstant(
  app: App,
  ev: RequestEventBase,
  feedName: string,
  body: AsyncIterable<Uint8Array>,
): Promise<{ instant: Instant }> {
  const { at, note } = await readRequest(body);
  return pinAt(app, ev, feedName, String(at), note);
}

/**
 * Keeps what a feed was at a moment for good.
 *
 * @param at as people write it: an instant, a position, a time
 * @throws AppError as `pinInstant`
 */
export async function pinAt(
  app: App,
  ev: RequestEventBase,
  feedName: string,
  at: string,
  note: string,
): Promise<{ instant: Instant }> {
  const { feed, reader, pins } = app.tables(feedName);
  if (note.length > MAX_NOTE)
    throw new AppError("bad-body", `A note has at most ${MAX_NOTE} characters, not ${note.length}.`);
  const now = app.clock.now();
  const resolved = await reader.resolve(parseAt(at, now));
  if (resolved.kind === "gone") {
    throw new AppError("gone", `Instant ${at} of ${feed.name} is no longer kept, so it cannot be pinned.`, {
      oldest: resolved.oldestInstant,
    });
  }
  const { instant } = resolved;
  if (instant === null) throw new AppError("not-found", `The feed ${feed.name} had no events at ${at}.`);
  await pins.refreshPins();
  if (pins.pins().length >= MAX_PINS && !pins.pins().some((pin) => pin.instant === instant)) {
    throw new AppError("bad-body", `The feed ${feed.name} has ${MAX_PINS} pins, which is the most: delete one first.`);
  }
  const before = auditedPin(app, feedName, instant);
  await pins.pin({ ...resolved, instant }, note, now, app.config.hotRows);
  app.deeds.note(controlContext(app, ev), {
    action: "pin.set",
    entityId: `${feedName}/${instant}`,
    before,
    after: auditedPin(app, feedName, instant),
  });
  return { instant };
}

/** @throws AppError unknown-feed */
export async function listPins(app: App, feedName: string) {
  const { pins } = app.tables(feedName);
  await pins.refreshPins();
  return { pins: pins.pins() };
}

/** @throws AppError unknown-feed, bad-parameter, not-found */
export async function unpinInstant(app: App, ev: RequestEventBase, feedName: string, instant: string): Promise<void> {
  if (!isInstant(instant)) {
    throw new AppError(
      "bad-parameter",
      `A pin is named by its instant of 17 digits, not ${JSON.stringify(instant.slice(0, 40))}.`,
      { parameter: "instant" },
    );
  }
  const before = auditedPin(app, feedName, instant);
  await app.tables(feedName).pins.unpin(instant);
  app.deeds.note(controlContext(app, ev), {
    action: "pin.delete",
    entityId: `${feedName}/${instant}`,
    before,
    after: null,
  });
}

/** What the audit log keeps of a pin; null when there is none. */
function auditedPin(app: App, feedName: string, instant: Instant): object | null {
  const pin = app
    .tables(feedName)
    .pins.pins()
    .find((one) => one.instant === instant);
  return pin ? { note: keepable(pin.note), pinnedAt: pin.pinnedAt, rows: pin.rows } : null;
}

async function readRequest(body: AsyncIterable<Uint8Array>) {
  const text = await readSmall(body);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError("bad-body", 'Send JSON such as {"at":"-15m","note":"why"}.', {}, { cause: error });
  }
  const parsed = request.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new AppError(
    "bad-body",
    `A pin is {"at":…,"note":…}: ${issue.path.join(".") || "the body"}: ${issue.message}.`,
  );
}
