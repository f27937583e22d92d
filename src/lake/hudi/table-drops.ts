/** By which rows have left one table, for whoever needs nothing else of it: bodies of its replacecommits are all that is read. */
import { AppError } from "../../model/app-error";
import type { Instant } from "../../model/instant";
import type { Storage } from "../storage/storage";
import { parseCommitMetadata } from "./commit-metadata";
import { archivedDropPath, archivedDrops, dropOf, inOrder, type Drop } from "./drops";
import { readTimeline } from "./timeline";

export class TableDrops {
  /** By instant; null for a replacecommit that is none. A completed action never changes. */
  #known: ReadonlyMap<Instant, Drop | null> = new Map();

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
    return (await this.#look()).drops;
  }

  /** The same, when those of the timeline are laid aside that were not yet: what archives them keeps nothing that we read. */
  async layAside(): Promise<readonly Drop[]> {
    const { drops, onTimeline, aside } = await this.#look();
    for (const { instant } of drops) {
      const path = onTimeline.get(instant);
      const body = path === undefined || aside.has(instant) ? null : await this.#readIfThere(path);
      if (body !== null) await this.storage.write(archivedDropPath(this.folder, instant), body);
    }
    return drops;
  }

  /** Lets go of what was laid aside from before `oldest`, if no version that is kept was committed earlier. */
  async forget(oldest: Instant): Promise<void> {
    for (const instant of await archivedDrops(this.storage, this.folder)) {
      if (instant < oldest) await this.storage.remove(archivedDropPath(this.folder, instant));
    }
  }

  async #look() {
    const timeline = `${this.folder}/${this.timelineFolder}`;
    const actions = readTimeline(await this.storage.list(timeline)).filter(
      ({ action, state }) => action === "replacecommit" && state === "COMPLETED",
    );
    const found = new Map<Instant, Drop | null>();
    const read = async (instant: Instant, completedAt: number | null, path: string) => {
      if (found.has(instant)) return;
      const known = this.#known.get(instant);
      if (known !== undefined) return void found.set(instant, known);
      const body = await this.#readIfThere(path);
      // It left the timeline just now and was laid aside before, or is being written: another look tells.
      if (body === null || !isWhole(body)) return;
      found.set(instant, dropOf(instant, completedAt, parseCommitMetadata(body)));
    };
    const onTimeline = new Map(actions.map(({ instant, file }) => [instant, `${timeline}/${file}`]));
    for (const { instant, completedAt } of actions) await read(instant, completedAt, onTimeline.get(instant)!);
    const aside = new Set(await archivedDrops(this.storage, this.folder));
    for (const instant of aside) await read(instant, null, archivedDropPath(this.folder, instant));
    this.#known = found;
    return { drops: inOrder([...found.values()].filter((drop) => drop !== null)), onTimeline, aside };
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

/** On a disk Hudi may write a commit in place. Its metadata is an object of JSON; that of later versions is not, and has an end too. */
const isWhole = (body: Uint8Array): boolean => body.length > 0 && (body[0] !== OPEN || lastSign(body) === CLOSE);
const [OPEN, CLOSE] = [0x7b, 0x7d];
const lastSign = (body: Uint8Array): number | undefined => body.findLast((byte) => byte > 0x20);
