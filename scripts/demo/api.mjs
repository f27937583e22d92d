/** The calls of the public HTTP interface that a publisher and a curious reader need. */
const FEED = "pipeline_events";

/**
 * @typedef {{ kind: "accepted", rejected: { index: number, reason: string }[] }
 *   | { kind: "refused", reason: string }
 *   | { kind: "away", afterMs: number }} Answer refused: sending the same again is no use; away: it is
 */

export class Api {
  /** Address of the server, without a slash at the end; changes when it starts again elsewhere. */
  base = "";
  #secret;

  /** @param {string | undefined} secret bearer token, if the server wants one */
  constructor(secret) {
    this.#secret = secret;
  }

  /** @param {Buffer} container @param {AbortSignal} signal @returns {Promise<Answer>} */
  async postContainer(container, signal) {
    let response, answer;
    try {
      response = await this.#fetch(`feeds/${FEED}/events`, {
        method: "POST",
        body: container,
        signal,
        headers: { "content-type": "application/avro" },
      });
      answer = await response.json();
    } catch {
      // Refused connections, broken ones, timeouts, half an answer: whether it was taken is unknown, so it is sent again.
      return { kind: "away", afterMs: 0 };
    }
    if (response.ok) return { kind: "accepted", rejected: answer.rejected };
    if (response.status >= 500 || response.status === 429) return { kind: "away", afterMs: answer.retryAfterMs ?? 0 };
    return { kind: "refused", reason: answer.detail ?? answer.title };
  }

  /** @returns {Promise<object>} what the server says of the feed */
  async feed() {
    const response = await this.#fetch(`feeds/${FEED}`, {});
    if (!response.ok) throw new Error(`GET feeds/${FEED} answered ${response.status}.`);
    return response.json();
  }

  /** @param {number} from epoch ms @param {number} to epoch ms, excluded @returns {Promise<Map<string, number>>} event id to lastUpdatedAt */
  async rows(from, to) {
    const response = await this.#fetch(`feeds/${FEED}/rows?from=${from}&to=${to}&limit=1000000`, {
      headers: { accept: "application/x-ndjson" },
    });
    if (!response.ok) throw new Error(`GET feeds/${FEED}/rows answered ${response.status}.`);
    const lines = (await response.text()).split("\n").filter(Boolean);
    return new Map(lines.map((line) => JSON.parse(line)).map((row) => [row.eventId, row.lastUpdatedAt]));
  }

  /**
   * Opens the live stream.
   * @param {string | null} lastId where to go on
   * @param {AbortSignal} signal
   * @returns {Promise<ReadableStream<Uint8Array>>}
   */
  async live(lastId, signal) {
    const headers = { accept: "text/event-stream", ...(lastId === null ? {} : { "last-event-id": lastId }) };
    const response = await this.#fetch(`feeds/${FEED}/live`, { headers, signal });
    if (!response.ok || response.body === null) throw new Error(`GET feeds/${FEED}/live answered ${response.status}.`);
    return response.body;
  }

  #fetch(call, init) {
    const authorization = this.#secret ? { authorization: `Bearer ${this.#secret}` } : {};
    return fetch(`${this.base}/api/v1/${call}`, { ...init, headers: { ...init.headers, ...authorization } });
  }
}
