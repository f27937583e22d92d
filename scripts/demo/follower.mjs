/** Follows the live stream as a page does, to measure how long an event takes from its publisher to a reader. */

const RETRY_MS = 250;

/**
 * @param {{ api: import("./api.mjs").Api, clock: import("./clocks.mjs").LaneClock, signal: AbortSignal,
 *   onRow(row: Record<string, unknown>): void }} parts
 */
export async function follow({ api, clock, signal, onRow }) {
  const state = { lastId: null, cols: [] };
  while (!signal.aborted) {
    try {
      for await (const event of eventsOf(await api.live(state.lastId, signal))) apply(state, event, onRow);
    } catch (error) {
      if (signal.aborted) return;
      // fetch() and the streams throw TypeErrors and Errors of many kinds when a server goes away; it will be back.
      if (error instanceof SyntaxError) throw error;
    }
    await clock.sleep(RETRY_MS);
  }
}

function apply(state, { id, type, data }, onRow) {
  if (id !== undefined) state.lastId = id === "" ? null : id;
  if (type === "hello" || type === "schema") state.cols = data.cols;
  if (type === "delta")
    for (const values of data.up) onRow(Object.fromEntries(state.cols.map((col, i) => [col, values[i]])));
}

/**
 * @param {AsyncIterable<Uint8Array>} stream of server-sent events
 * @returns {AsyncGenerator<{ id: string | undefined, type: string, data: any }>}
 */
async function* eventsOf(stream) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

function parseBlock(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, "");
  }
  return fields.data === undefined
    ? null
    : { id: fields.id, type: fields.event ?? "message", data: JSON.parse(fields.data) };
}
