/** Where data that is made once is kept: outside the checkout, where the system keeps what can be made again. */
import os from "node:os";
import { join } from "node:path";

export function cacheFolder(): string {
  const { env, platform } = process;
  if (env["XDG_CACHE_HOME"]) return env["XDG_CACHE_HOME"];
  return platform === "darwin" ? join(os.homedir(), "Library", "Caches") : join(os.homedir(), ".cache");
}
