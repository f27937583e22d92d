/**
 * Which commits of a feed's tables are Weir's own. A completed commit that is none of them is another writer's, wherever on the
 * timeline it lies: one that was begun before a commit of ours may complete after it. A commit that only adds columns changes no
 * row, and is nobody's.
 */
import type { Instant } from "../../model/instant";
import type { CompletedCommit, TableTimeline } from "./table-timeline";

export class KnownCommits {
  /** Per table folder. */
  readonly #known = new Map<string, ReadonlySet<Instant>>();
  /** Batch ids of statements whose outcome was not looked up yet. */
  readonly #begun = new Set<string>();

  /** Whether the tables were looked at before: from then on nobody else may write to them. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** A statement is sent. Should its answer be lost, its commit is recognised by this id. */
  begin(batchId: string): void {
    this.#begun.add(batchId);
  }

  /** The next look is the first one again. */
  forget(): void {
    this.#known.clear();
    this.#begun.clear();
  }

  /** What was begun is known. */
  end(): void {
    this.#begun.clear();
  }

  /** What a statement of ours has committed. */
  add({ folder }: TableTimeline, instant: Instant): void {
    this.#known.set(folder, new Set(this.#known.get(folder)).add(instant));
  }

  /** Every commit that is there now: before the first look it does not matter who made them. */
  addAll({ folder, instants }: TableTimeline): void {
    this.#known.set(folder, new Set(instants));
  }

  /** Recognises what statements committed whose outcome was not known. Only after this are their ids forgotten. */
  async recognise(tables: readonly TableTimeline[], searched: number): Promise<void> {
    for (const table of tables) {
      const isOurs = ({ batchId }: CompletedCommit) => batchId !== null && this.#begun.has(batchId);
      for (const commit of (await table.newest(searched)).filter(isOurs)) this.add(table, commit.instant);
    }
    this.end();
  }

  /**
   * The oldest commit that is not ours, or null, and whether a drop of ours came after a statement of which nothing was heard any
   * more. What has left the timeline is forgotten.
   */
  async unknown(table: TableTimeline): Promise<{ stranger: Instant | null; hasLateDrop: boolean }> {
    const { folder, instants } = table;
    const known = this.#known.get(folder);
    const unknown = instants.filter((instant) => known?.has(instant) !== true);
    const commits = await table.commits(unknown);
    const hasLateDrop = commits.some(isLateDrop);
    const stranger = commits.find((commit) => !commit.altersSchema && !isLateDrop(commit));
    if (stranger !== undefined) return { stranger: stranger.instant, hasLateDrop };
    this.#known.set(folder, new Set(instants));
    return { stranger: null, hasLateDrop };
  }
}

/** It was sent by a process of ours that may be gone: what is to go is said by the clock, and goes once. */
const isLateDrop = ({ dropsPartitions, batchId }: CompletedCommit): boolean => dropsPartitions && batchId !== null;
