/**
 * Moves what is staged into the tables, one commit after the other; the only caller of a feed's writer.
 *
 * Order of side effects: commit (durable when it returns), delete the staged files, tell the others. A crash in between
 * leaves files that a completed commit names; `recover` says which, and they are deleted before anything is written.
 *
 * Pace: an idle feed commits at once; under load the engine's rhythm says how soon after the last commit the next one starts
 * (embedded: 500 ms, and not before it has rested as long as the last one took; events that have waited for a second shorten the
 * rest, to no less than a quarter, because a machine that is a little too slow for its load would fall behind for ever while it
 * rests). An engine that fails is asked again after a pause that grows; nothing is lost meanwhile, it only gets
 * older, and `status` says so.
 */
import type { Logger } from "pino";
import type { Commit, FeedWriter } from "../lake/writer";
import type { Pace } from "./pace";
import { SetAside } from "./set-aside";
import { nextSlice } from "./slice";
import type { Staged, Staging } from "./staging";

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;
const MAINTAIN_EVERY_MS = 5_000;
const IDLE_MAINTAIN_MS = 30_000;
/** What waits is rested for until it is this old, and a quarter of the usual rest after that. */
const RESTED_FOR_MS = 1_000;
/** A backlog is worth telling from here on; a burst of a second is none. */
export const CATCHING_UP_MS = 10_000;

export interface CommitterOptions {
  staging: Staging;
  writer: FeedWriter;
  pace: Pace;
  log: Logger;
  /** 0 … 1, for the jitter of retries. */
  random(): number;
  /** Epoch ms. */
  now(): number;
  /** What only makes the first commit quicker is read after this. Never rejects. */
  shown: Promise<void>;
  onCommit(commit: Commit): void;
}

export type CommitterState = { state: "live" | "catching-up" } | { state: "stalled"; reason: string };

export class Committer {
  private readonly stop = new AbortController();
  private loop: Promise<void> | null = null;
  private wake: (() => void) | null = null;
  private failures = 0;
  private fault: string | null = null;
  private backlogUntil: string | null = null;
  private notBefore = 0;
  private maintainedAt = 0;
  private readonly aside = new SetAside();
  private readonly drained: (() => void)[] = [];

  constructor(private readonly options: CommitterOptions) {}

  get status(): CommitterState {
    const reason = this.fault ?? this.aside.reason;
    if (reason !== null) return { state: "stalled", reason };
    const { oldestAt } = this.options.staging.status();
    const isLate = oldestAt !== null && this.options.now() - oldestAt > CATCHING_UP_MS;
    return { state: this.backlogUntil !== null || isLate ? "catching-up" : "live" };
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Something was staged. */
  nudge(): void {
    this.wake?.();
  }

  /** Resolves when nothing is staged any more. */
  async whenDrained(): Promise<void> {
    if (this.options.staging.isEmpty) return;
    await new Promise<void>((resolve) => this.drained.push(resolve));
  }

  /** Finishes the commit that is running; what is staged beyond it stays staged. */
  async close(): Promise<void> {
    this.stop.abort();
    this.wake?.();
    await this.loop;
  }

  private async run(): Promise<void> {
    await this.untilItWorks("recover", () => this.recover());
    void this.prepare();
    while (!this.stop.signal.aborted) {
      await this.untilSomethingIsStaged();
      await this.pauseBefore(this.notBefore);
      if (this.stop.signal.aborted) return;
      await this.untilItWorks("commit", () => this.commitOnce());
      await this.maintain(MAINTAIN_EVERY_MS);
    }
  }

  private async recover(): Promise<void> {
    const { committed, rolledBack, finished } = await this.options.writer.recover();
    const { staging, log } = this.options;
    await staging.remove(staging.list().flatMap(({ name }) => (committed.has(name) ? [name] : [])));
    if (rolledBack.length + finished.length > 0) log.info({ rolledBack, finished }, "commits of a crash were settled");
  }

  private async prepare(): Promise<void> {
    await this.options.shown;
    if (!this.stop.signal.aborted) await this.options.writer.prepare();
  }

  private async commitOnce(): Promise<void> {
    const { pace, writer } = this.options;
    const { gapMs, rests } = writer.rhythm;
    const slice = nextSlice(this.ready(), this.backlogUntil);
    const files = this.aside.narrow(slice.files);
    if (files.length === 0) return;
    const startedAt = pace.elapsed();
    const commit = await this.tryFiles(files);
    const endedAt = pace.elapsed();
    this.backlogUntil = slice.backlogUntil;
    await this.settle(files);
    this.notBefore = Math.max(startedAt + gapMs, endedAt + (rests ? this.restAfter(endedAt - startedAt) : 0));
    if (commit) this.tell(commit);
  }

  private restAfter(tookMs: number): number {
    const [oldest] = this.ready();
    const patienceMs = oldest === undefined ? Infinity : oldest.at + RESTED_FOR_MS - this.options.now();
    return Math.min(tookMs, Math.max(tookMs / 4, patienceMs));
  }

  private async tryFiles(files: readonly Staged[]): Promise<Commit | null> {
    try {
      const commit = await this.options.writer.commit(files);
      this.aside.succeeded(files);
      return commit;
    } catch (error) {
      this.aside.failed(files, error, this.options.pace.elapsed());
      throw error;
    }
  }

  private ready(): Staged[] {
    return this.aside.ready(this.options.staging.list(), this.options.pace.elapsed());
  }

  /** The commit stands whatever its listeners do with it. */
  private tell(commit: Commit): void {
    try {
      this.options.onCommit(commit);
    } catch (error) {
      this.options.log.error({ err: error, instant: commit.instant }, "a listener of commits failed");
    }
  }

  private async settle(files: readonly Staged[]): Promise<void> {
    const { staging } = this.options;
    await staging.remove(files.map(({ name }) => name));
    if (staging.isEmpty) for (const resolve of this.drained.splice(0)) resolve();
  }

  private async untilSomethingIsStaged(): Promise<void> {
    const { pace } = this.options;
    while (this.ready().length === 0 && !this.stop.signal.aborted) {
      const idle = new AbortController();
      this.wake = () => idle.abort();
      await pace.sleep(IDLE_MAINTAIN_MS, idle.signal);
      this.wake = null;
      if (!idle.signal.aborted) await this.maintain(0);
    }
  }

  private async pauseBefore(moment: number): Promise<void> {
    const ms = moment - this.options.pace.elapsed();
    if (ms > 0) await this.options.pace.sleep(ms, this.stop.signal);
  }

  /** Does the work, and again after each failure, until it succeeds or the committer is stopped. */
  private async untilItWorks(what: string, work: () => Promise<void>): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        await work();
        if (this.fault !== null) this.options.log.info({ failures: this.failures }, `${what} works again`);
        this.failures = 0;
        this.fault = null;
        return;
      } catch (error) {
        await this.backOff(what, error);
      }
    }
  }

  private async backOff(what: string, error: unknown): Promise<void> {
    this.failures++;
    this.fault = error instanceof Error ? error.message : String(error);
    this.options.log.error({ err: error, failures: this.failures }, `${what} failed; what is staged stays staged`);
    const ceiling = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.failures - 1));
    await this.options.pace.sleep(ceiling * (0.5 + this.options.random() / 2), this.stop.signal);
  }

  /** Failing to tidy up stops nothing: it is logged, and tried again later. */
  private async maintain(everyMs: number): Promise<void> {
    const { pace, writer, log } = this.options;
    if (pace.elapsed() - this.maintainedAt < everyMs) return;
    this.maintainedAt = pace.elapsed();
    try {
      for (const commit of await writer.maintain()) this.tell(commit);
    } catch (error) {
      log.error({ err: error }, "maintenance of the tables failed; it is tried again later");
    }
  }
}
