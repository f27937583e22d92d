/** By which rows have left one table, for whoever needs nothing else of it: bodies of its replacecommits are all that is read. */
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import type { Storage } from "../storage/storage";
import { parseCommitMetadata } from "./commit-metadata";
import { archivedDropPath, archivedDrops, dropOf, inOrder, type Drop } from "./drops";
import { readTimeline, type TimelineInstant } from "./timeline";

export class TableDrops {
  /** By instant; null for a replacecommit that is none. A completed action never changes. */
  readonly #known = new Map<Instant, Drop | null>();

  /**
   * @param folder the table's, in the storage
   * @param timelineFolder of its timeline, in its own
   */
  constructor(
    private readonly storage: Storage,
    private readonly folder: string,
    private readonly timelineFolder: string,
  ) {}

  /** All that the timeline has or that were laid aside, oldest first. */
  async all(): Promise<readonly Drop[]> {
    const there = new Set<Instant>();
    const read = async (instant: Instant, completedAt: number | null, path: string) => {
      if (!this.#known.has(instant)) {
        const body = await this.#readIfThere(path);
        if (body === null) return;
        this.#known.set(instant, dropOf(instant, completedAt, parseCommitMetadata(body)));
      }
      there.add(instant);
    };
    // What leaves the timeline meanwhile was laid aside before.
    for (const { instant, completedAt, file } of await this.#onTimeline()) {
      await read(instant, completedAt, this.#onTimelineAs(file));
    }
    for (const instant of await archivedDrops(this.storage, this.folder)) {
      await read(instant, null, archivedDropPath(this.folder, instant));
    }
    for (const instant of this.#known.keys()) if (!there.has(instant)) this.#known.delete(instant);
    return inOrder([...this.#known.values()].filter((drop) => drop !== null));
  }

  /** Lays those of the timeline aside that are not yet: what archives them keeps nothing that we read. */
  async layAside(): Promise<void> {
    const isAside = new Set(await archivedDrops(this.storage, this.folder));
    const drops = new Set((await this.all()).map(({ instant }) => instant));
    for (const { instant, file } of await this.#onTimeline()) {
      if (isAside.has(instant) || !drops.has(instant)) continue;
      const body = await this.#readIfThere(this.#onTimelineAs(file));
      if (body !== null) await this.storage.write(archivedDropPath(this.folder, instant), body);
    }
  }

  /** Lets go of what was laid aside from before `oldest`, if no version that is kept was committed earlier. */
  async forget(oldest: Instant): Promise<void> {
    for (const instant of await archivedDrops(this.storage, this.folder)) {
      if (instant < oldest) await this.storage.remove(archivedDropPath(this.folder, instant));
    }
  }

  async #onTimeline(): Promise<TimelineInstant[]> {
    const entries = await this.storage.list(`${this.folder}/${this.timelineFolder}`);
    return readTimeline(entries).filter(({ action, state }) => action === "replacecommit" && state === "COMPLETED");
  }

  #onTimelineAs(file: string): string {
    return `${this.folder}/${this.timelineFolder}/${file}`;
  }

  async #readIfThere(path: string): Promise<Uint8Array | null> {
    try {
      return await this.storage.read(path);
    } catch (error) {
      if (error instanceof AppError && error.code === "not-found") return null;
      throw error;
    }
  }
}
