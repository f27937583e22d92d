/**
 * The app of this process, for the routes. The `weir` command makes it; under the dev server, which has no entry of ours, the
 * first request does, once, and it survives a hot reload.
 */
import type { App } from "./app";

const holder = globalThis as { weirApp?: App | Promise<App> };

export function setApp(app: App): void {
  holder.weirApp = app;
}

/** Throws when no app was made: a mistake of the entry, not of a request. */
export function getApp(): App {
  const app = holder.weirApp;
  if (app === undefined || app instanceof Promise) throw new Error("The app is not started.");
  return app;
}

export async function ensureApp(): Promise<App> {
  holder.weirApp ??= (async () => {
    const [{ createApp }, { readConfig }] = await Promise.all([import("./app"), import("./config")]);
    return createApp(readConfig());
  })();
  const app = await holder.weirApp;
  holder.weirApp = app;
  return app;
}
