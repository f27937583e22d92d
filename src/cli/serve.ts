/** `weir serve`: the app and its HTTP server, until a signal ends them. */
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { createApp, type App } from "../app";
import { setApp } from "../app-instance";
import { packageRoot, readConfig, unknownSettings } from "../config";
import { hasAdmin } from "../control/account/make-first-admin";
import { AppError } from "../model/app-error";
import { listen, type Listening } from "../web/server";
import { UsageError } from "./usage";

/**
 * The heap of what lives may grow by so much before it is collected. Left to itself V8 lets a heap of 250 MB, most of which are
 * the hot rows, double: beside them that is memory for nothing (docs/decisions/2026-11-22-the-heap-grows-by-sixty-percent.md).
 */
const HEAP_GROWTH = "--heap-growing-percent=60";
const GRACE_MS = 5_000;
const DATABASE_PATIENCE_MS = 10_000;
const ASK_AGAIN_MS = 1_000;

/** Resolves with the exit code when the server has ended. */
export async function serve(args: readonly string[]): Promise<number> {
  if (args.length > 0)
    throw new UsageError(
      `weir serve takes no arguments (${JSON.stringify(args[0])} was given): settings come from WEIR_*.`,
    );
  const config = readConfig();
  const app = await createApp(config);
  // Before that the heap grows by what stays, and each collection is time that the first page waits.
  void app.shown.then(() => setFlagsFromString(HEAP_GROWTH));
  for (const name of unknownSettings()) app.log.warn({ name }, "there is no such setting: it has no effect");
  setApp(app);
  const { router, notFound } = await import("../entry.node-server");
  const listening = await listen(
    { router, notFound, dist: join(packageRoot(), "dist"), log: app.log, trustProxy: config.trustProxy },
    config.host,
    config.port,
  );
  app.processes?.announce(config.origin ?? listening.address);
  process.stdout.write(`listening on ${listening.address}\n`);
  const told = tellFirstAdmin(app, config.origin ?? listening.address);
  told.catch((error: unknown) => app.log.error({ error }, "whether there is an admin cannot be told"));
  return ended(app, listening);
}

/** Where people sign in and there is no admin yet, whoever reads this output makes the first one. */
async function tellFirstAdmin(app: App, origin: string): Promise<void> {
  if (app.config.secret === null) return;
  const told = await untilKnown(app);
  if (told === "no admin") process.stdout.write(`first admin: ${origin}${app.welcome.newLink()}\n`);
}

/** The database may take its time, or come later. */
async function untilKnown(app: App): Promise<"no admin" | "admin" | "closing"> {
  for (;;) {
    try {
      return (await hasAdmin({ control: app.control, patienceMs: DATABASE_PATIENCE_MS })) ? "admin" : "no admin";
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "control-unavailable") throw error;
      if (app.control.isClosed) return "closing";
      await setTimeout(ASK_AGAIN_MS, undefined, { ref: false });
    }
  }
}

/** Nothing new comes in; streams end; requests under way are answered; then the parts. */
async function closeInOrder(app: App, listening: Listening): Promise<void> {
  const served = listening.close(GRACE_MS);
  await app.live.close();
  await served;
  await app.close();
}

function ended(app: App, listening: Listening): Promise<number> {
  return new Promise((resolve, reject) => {
    let ending = false;
    const end = (signal: NodeJS.Signals) => {
      if (ending) return process.exit(1); // asked twice: at once
      ending = true;
      app.log.info({ signal }, "closing");
      closeInOrder(app, listening).then(() => resolve(0), reject);
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
  });
}
