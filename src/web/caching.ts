/** What may be kept of answers, and whether the one that a client holds is still the one. */
import type { Config } from "../config";

/** `Cache-Control` of what never changes. Behind a secret only its holder may keep it: a cache on the way asks nobody. */
export const keptForEver = ({ secret }: Pick<Config, "secret">): string =>
  `${secret === null ? "public" : "private"}, max-age=31536000, immutable`;

/** Whether `If-None-Match` names this tag. Caches on the way may have made it weak. */
export const holds = (ifNoneMatch: string | null, etag: string): boolean =>
  ifNoneMatch?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag || tag.trim() === "*") ?? false;
