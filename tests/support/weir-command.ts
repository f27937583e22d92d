/** The built `weir` command as a process, the way a shell starts it. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { packageRoot } from "~/config";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: Buffer;
}

export interface WeirCommand {
  child: ChildProcess;
  ended: Promise<Ended>;
}

export interface CommandOptions {
  env?: Readonly<Record<string, string>>;
  /** Written to its standard input, which is then closed. Absent = nothing; null = left open for the test to write to. */
  stdin?: string | Buffer | null;
}

export function startWeir(args: readonly string[], { env = {}, stdin = "" }: CommandOptions = {}): WeirCommand {
  const child = spawn(process.execPath, [join(packageRoot(), "server", "weir.js"), ...args], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that ends early does not read what it was given.
  child.stdin.on("error", () => child.stdin.destroy());
  if (stdin !== null) child.stdin.end(stdin);
  const exit = new Promise<Pick<Ended, "code" | "signal">>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  const ended = Promise.all([exit, buffer(child.stdout), buffer(child.stderr)]).then(([how, stdout, stderr]) => ({
    ...how,
    stdout,
    stderr,
  }));
  return { child, ended };
}

export const weirCommand = (args: readonly string[], options: CommandOptions = {}): Promise<Ended> =>
  startWeir(args, options).ended;
