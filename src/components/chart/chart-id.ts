/** A name for a chart, of safe letters, from whatever it is of: the same chart has the same one. FNV-1a. */
export function chartId(what: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < what.length; i++) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193) >>> 0;
  return `c${hash.toString(36)}`;
}
