/**
 * Finds the staged file that an engine cannot take, so that one does not hold up all the others: each failure halves what the
 * next commit tries, and a file that fails by itself is set aside for a while that grows. It stays staged and is tried again;
 * it is never dropped. Faults of the machine (a full disk, an engine that is away) are nobody's fault among the files.
 */
import { AppError, type ErrorCode } from "../model/app-error";
import type { Staged } from "./staging";

/** What no file is to blame for. Other errors, those of reading a damaged file among them, may be one file's own. */
const MACHINE_FAULTS = new Set<ErrorCode>(["disk-full", "engine-unavailable", "read-only"]);
const TRIES_ALONE = 3;
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

export class SetAside {
  private width = Infinity;
  private triesAlone = 0;
  private readonly files = new Map<string, { until: number; pauseMs: number; reason: string }>();

  /** Those that may be tried now. */
  ready(staged: readonly Staged[], elapsed: number): Staged[] {
    if (this.files.size === 0) return [...staged];
    return staged.filter(({ name }) => (this.files.get(name)?.until ?? 0) <= elapsed);
  }

  /** As many as the next commit should try. */
  narrow(files: readonly Staged[]): Staged[] {
    return files.slice(0, this.width);
  }

  succeeded(files: readonly Staged[]): void {
    this.width *= 2;
    this.triesAlone = 0;
    for (const { name } of files) this.files.delete(name);
  }

  failed(files: readonly Staged[], error: unknown, elapsed: number): void {
    if (error instanceof AppError && MACHINE_FAULTS.has(error.code)) return;
    this.width = Math.max(1, Math.floor(files.length / 2));
    if (files.length > 1 || ++this.triesAlone < TRIES_ALONE) return;
    const { name } = files[0]!;
    const pauseMs = Math.min(MAX_PAUSE_MS, 2 * (this.files.get(name)?.pauseMs ?? FIRST_PAUSE_MS / 2));
    this.files.set(name, {
      until: elapsed + pauseMs,
      pauseMs,
      reason: error instanceof Error ? error.message : String(error),
    });
    this.width = Infinity;
    this.triesAlone = 0;
  }

  /** What is wrong with those that wait, in a sentence; null when there are none. */
  get reason(): string | null {
    const [first] = this.files;
    if (!first) return null;
    const others = this.files.size > 1 ? ` (and ${this.files.size - 1} more)` : "";
    return `The staged file ${first[0]}${others} cannot be committed and is tried again later; the others go on: ${first[1].reason}`;
  }
}
