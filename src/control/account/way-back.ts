/** Where somebody comes back to who signs in at the provider. */

/**
 * What has to be known on the way back is in a cookie (`storeStateStrategy` of `auth.ts`): encrypted, in hexadecimal, so of twice as
 * many bytes, with 0.7 kB of other things. Browsers drop a cookie of more than 4,096 without a word, and whoever comes back without
 * it is not signed in.
 */
const MOST_BYTES = 1_000;

/** A path of this server, without its query where it is too long to be taken along; the start page where that is too long too. */
export function wayBack(path: string): string {
  const ways = [path, path.split("?")[0]!];
  return ways.find((way) => Buffer.byteLength(JSON.stringify(way)) <= MOST_BYTES) ?? "/";
}
