/** The last bytes of a stream of any length. */
export class TailBytes {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0]!.length >= this.#most) this.#bytes -= this.#chunks.shift()!.length;
  }

  get(): Buffer {
    return Buffer.concat(this.#chunks).subarray(-this.#most);
  }
}
