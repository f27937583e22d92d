/**
 * A job as a child process that hardly notices: standard input and output are ours, untouched; standard error passes through
 * us so that its end can be told. Signals go on to it.
 */
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { JobEnd } from "./failure-text";
import type { Signals } from "./signals";
import { TailBytes } from "./tail-bytes";

export interface JobRun {
  end: JobEnd;
  /** The last bytes of its standard error. */
  tail: Buffer;
  durationMs: number;
}

const TAIL_BYTES = 16 * 1024;
/** What a job leaves running may hold its standard error open: after its end we wait only while something still comes. */
const QUIET_MS = 500;

/** A terminal sends these to the job by itself. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGHUP"];

export interface JobCommand {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/**
 * Resolves when the job has ended, however it did; never rejects.
 *
 * @param signals each goes on to the job
 */
export async function runJob({ command, args, env }: JobCommand, signals: Signals): Promise<JobRun> {
  const startedAt = performance.now();
  const tail = new TailBytes(TAIL_BYTES);
  const child = spawn(command, args, { env, stdio: ["inherit", "inherit", "pipe"] });
  const forward = (signal: NodeJS.Signals) => {
    if (!(process.stdin.isTTY && FROM_TERMINAL.includes(signal))) child.kill(signal);
  };
  signals.on("signal", forward);
  try {
    const end = new Promise<JobEnd>((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        resolve({ kind: "unstarted", code: error.code ?? error.name, reason: error.message }),
      );
      child.once("exit", (code, signal) =>
        resolve(signal === null ? { kind: "exit", code: code ?? 1 } : { kind: "signal", signal }),
      );
    });
    const passed = passOn(child.stderr, process.stderr, tail, end);
    const ended = await end;
    const durationMs = Math.round(performance.now() - startedAt);
    await passed;
    return { end: ended, tail: tail.get(), durationMs };
  } finally {
    signals.off("signal", forward);
  }
}

/**
 * Copies all of it, no faster than it is taken; when nobody takes it any more, it is read on so that the job is not stopped.
 * Resolves at its end, or after the job's when nothing comes any more.
 */
function passOn(from: Readable, to: Writable, tail: TailBytes, end: Promise<JobEnd>): Promise<void> {
  return new Promise((resolve) => {
    let isTaken = true;
    let quiet: NodeJS.Timeout | null = null;
    const goOn = () => void from.resume();
    const stop = () => {
      isTaken = false;
      goOn();
    };
    to.on("error", stop).on("drain", goOn);
    from.on("data", (chunk: Buffer) => {
      tail.add(chunk);
      quiet?.refresh();
      if (isTaken && !to.write(chunk)) from.pause();
    });
    void end.then(() => {
      quiet = setTimeout(() => (from.isPaused() ? quiet!.refresh() : from.destroy()), QUIET_MS);
    });
    from.once("close", () => {
      if (quiet !== null) clearTimeout(quiet);
      to.off("error", stop).off("drain", goOn);
      resolve();
    });
  });
}
