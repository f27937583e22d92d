/** Ids of messages that arrived lately, for counting those that come again where Pub/Sub does not say so. */
export class RecentIds {
  private current = new Set<string>();
  private previous = new Set<string>();

  /** @param max at least so many are remembered, and at most twice as many */
  constructor(private readonly max: number) {}

  /** Whether this one arrived before; from now on it did. */
  seen(id: string): boolean {
    if (this.current.has(id) || this.previous.has(id)) return true;
    if (this.current.size >= this.max) {
      // A generation goes as a whole: taking the oldest out of a large set, one by one, is slow.
      this.previous = this.current;
      this.current = new Set();
    }
    this.current.add(id);
    return false;
  }
}
