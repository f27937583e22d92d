/**
 * The tables of a feed while another process of ours writes them: a look at the folders of the timelines tells whether there is
 * anything new, and new commits are taken from the timelines. While this process writes them it knows better, and does not look.
 */
import type { HudiTable } from "../hudi/table";
import type { PinFiles } from "../pins/pin-files";

/** A folder that was touched this recently may be touched again without showing it: clocks of file systems tick coarsely. */
const SETTLED_MS = 100;

export class FollowedTables {
  #isFollowing = true;
  /** Tables are read whole after this process wrote them. */
  #isWhole = true;
  #lastSeen: string | null = null;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(
    private readonly main: HudiTable,
    private readonly log: HudiTable | null,
    private readonly pins: PinFiles,
  ) {}

  /** Shows what was committed until now; those who ask during one look share the next. */
  look(): Promise<void> {
    if (!this.#isFollowing) return Promise.resolve();
    if (this.#running === null) return this.#begin();
    const begin = () => {
      this.#next = null;
      return this.#begin();
    };
    this.#next ??= this.#running.then(begin, begin);
    return this.#next;
  }

  /** Everything again, when a file is gone that should be there. */
  async refresh(): Promise<void> {
    this.#isWhole = false;
    this.#lastSeen = null;
    await this.look();
  }

  /** This process writes from now on. Returns when no look is under way any more. */
  async lead(): Promise<void> {
    this.#isFollowing = false;
    await Promise.allSettled([this.#running, this.#next]);
  }

  /** Another process writes, or may. Nothing of ours is being written any more. */
  follow(): void {
    this.#isFollowing = true;
    this.#isWhole = false;
    this.#lastSeen = null;
  }

  #begin(): Promise<void> {
    const run = this.#look().finally(() => {
      if (this.#running === run) this.#running = null;
    });
    this.#running = run;
    return run;
  }

  async #look(): Promise<void> {
    const seen = await this.#touched();
    if (!this.#isFollowing || (seen !== null && seen === this.#lastSeen)) return;
    const { main, log } = this;
    if (this.#isWhole) {
      // The state first: whatever it has completed, the log has too. Both are shown in one step.
      const shows = [await main.readNewer(), (await log?.readNewer()) ?? null];
      for (const show of shows) show?.();
    } else {
      await main.refresh();
      await log?.refresh();
      this.#isWhole = true;
    }
    await this.pins.refresh();
    this.#lastSeen = seen;
  }

  /** Changes with every file that comes into a timeline or a pin; null while that cannot be told yet. */
  async #touched(): Promise<string | null> {
    const folders = [this.main, ...(this.log ? [this.log] : [])].map(({ folder }) => `${folder}/.hoodie`);
    const found = await Promise.all([...folders, this.pins.folder].map((folder) => this.main.storage.stat(folder)));
    const times = found.map((folder) => folder?.modifiedAt ?? 0);
    return Math.abs(Date.now() - Math.max(...times)) < SETTLED_MS ? null : times.join();
  }
}
