/** The rows of a view in a browser: what it was rendered with, moved by deltas. */
import type { Floor, ViewDelta } from "~/model/delta";
import { compareText, type Row } from "~/model/value";

export class KeyedRows {
  readonly #key: number;
  readonly #time: number;
  readonly #byKey = new Map<string, Row>();

  /** @param key @param time indexes of the key and of the event time in a row */
  constructor(key: number, time: number, rows: Iterable<Row>) {
    this.#key = key;
    this.#time = time;
    for (const row of rows) this.#byKey.set(row[key] as string, row);
  }

  apply({ up, del, floor }: Pick<ViewDelta, "up" | "del" | "floor">): void {
    for (const key of del) this.#byKey.delete(key);
    for (const row of up) this.#byKey.set(row[this.#key] as string, row);
    if (floor) this.#trim(floor);
  }

  get(key: string): Row | undefined {
    return this.#byKey.get(key);
  }

  /** Event time descending, then key ascending, as the server renders them. */
  ordered(): Row[] {
    return [...this.#byKey.values()].sort((a, b) => this.#compare(a, b[this.#time] as number, b[this.#key] as string));
  }

  /** Rows behind the floor were pushed out of the view; that is not sent row by row. */
  #trim([time, key]: Floor): void {
    for (const [own, row] of this.#byKey) if (this.#compare(row, time, key) > 0) this.#byKey.delete(own);
  }

  #compare(row: Row, time: number, key: string): number {
    return time - (row[this.#time] as number) || compareText(row[this.#key] as string, key);
  }
}
