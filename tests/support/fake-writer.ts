/** A writer of our own port that remembers what it was given; it can be held up, made to fail, or given a past. */
import type { Commit, CommitRhythm, FeedWriter, Recovery, StagedFile } from "../../src/lake/writer";
import { instantAt } from "../../src/model/instant";
import type { Row } from "../../src/model/value";

export class FakeWriter implements FeedWriter {
  rhythm: CommitRhythm = { gapMs: 500, rests: true };
  /** What the next maintenance tells of. */
  readonly dropped: Commit[] = [];
  /** The files of each completed commit. */
  readonly commits: { names: string[]; rows: Row[] }[] = [];
  recovered = 0;
  prepared = 0;
  maintained = 0;
  attempts = 0;
  /** Runs before each commit; what it throws is the engine's failure. */
  onCommit: (files: readonly StagedFile[]) => void | Promise<void> = () => undefined;
  onRecover: () => void = () => undefined;
  onMaintain: () => void = () => undefined;
  /** What completed commits before a crash took. */
  committed = new Set<string>();
  hasEverything = false;

  recover(): Promise<Recovery> {
    this.recovered++;
    this.onRecover();
    return Promise.resolve({ committed: this.committed, rolledBack: [], finished: [] });
  }

  prepare(): Promise<void> {
    this.prepared++;
    return Promise.resolve();
  }

  async commit(files: readonly StagedFile[]): Promise<Commit | null> {
    this.attempts++;
    await this.onCommit(files);
    const rows = (await Promise.all(files.map((file) => file.rows()))).flat();
    this.commits.push({ names: files.map(({ name }) => name), rows });
    if (this.hasEverything) return null;
    const instant = instantAt(1e12 + this.commits.length);
    const position = `e.${instant}`;
    const counts = { versions: rows.length, duplicates: 0, partitions: [], durationMs: 1 };
    return { from: position, to: position, up: rows, del: [], instant, committedAt: 0, ...counts };
  }

  maintain(): Promise<readonly Commit[]> {
    this.maintained++;
    this.onMaintain();
    return Promise.resolve(this.dropped.splice(0));
  }

  get rows(): Row[] {
    return this.commits.flatMap((commit) => commit.rows);
  }
}
