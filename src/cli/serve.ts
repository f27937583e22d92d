/** `weir serve`: the app and its HTTP server, until a signal ends them. */
import { join } from "node:path";
import { createApp, type App } from "../app";
import { setApp } from "../app-instance";
import { packageRoot, readConfig, unknownSettings } from "../config";
import { listen, type Listening } from "../web/server";
import { UsageError } from "./usage";

const GRACE_MS = 5_000;

/** Resolves with the exit code when the server has ended. */
export async function serve(args: readonly string[]): Promise<number> {
  if (args.length > 0)
    throw new UsageError(
      `weir serve takes no arguments (${JSON.stringify(args[0])} was given): settings come from WEIR_*.`,
    );
  const config = readConfig();
  const app = await createApp(config);
  for (const name of unknownSettings()) app.log.warn({ name }, "there is no such setting: it has no effect");
  setApp(app);
  const { router, notFound } = await import("../entry.node-server");
  const listening = await listen(
    { router, notFound, dist: join(packageRoot(), "dist"), log: app.log, trustProxy: config.trustProxy },
    config.host,
    config.port,
  );
  process.stdout.write(`listening on ${listening.address}\n`);
  return ended(app, listening);
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
