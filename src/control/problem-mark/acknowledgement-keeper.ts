/**
 * Ends acknowledgements whose problem recovered and failed anew. It is looked for now and then and not only when somebody
 * asks, because the completion in between leaves the hot window sooner or later, and with it the reason. Among several
 * processes the first to see it ends it.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import { AppError } from "../../model/app-error";
import type { ProblemMark } from "../../model/problem-mark";
import { SYSTEM } from "../actor";
import type { ControlContext } from "../context";
import type { ControlPlane } from "../control-plane";
import type { RightsChanges } from "../rights";
import { endMark } from "./end-mark";
import { listMarks } from "./list-marks";

export interface KeeperOptions {
  control: ControlPlane;
  rights: RightsChanges;
  clock: Clock;
  log: Log;
  /** Whether the problem has recovered and failed anew since it was acknowledged. */
  isOutdated: (mark: ProblemMark) => boolean;
  /** Told after one was ended. */
  onEnded: (mark: ProblemMark) => void;
  everyMs?: number;
}

const EVERY_MS = 2_000;

/** @returns what stops it; resolves when the last look is over */
export function keepAcknowledgements(options: KeeperOptions): () => Promise<void> {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    // A database that is still starting is not hurried, and one look at a time is enough.
    if (options.control.state.kind !== "ready" || running !== null) return;
    running = lookOnce(options)
      .catch((error: unknown) => {
        if (!(error instanceof AppError)) options.log.error({ error }, "acknowledgements could not be looked at");
      })
      .finally(() => (running = null));
  }, options.everyMs ?? EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** @throws AppError control-unavailable */
export async function lookOnce({
  control,
  rights,
  clock,
  isOutdated,
  onEnded,
}: Omit<KeeperOptions, "log" | "control" | "rights"> & Pick<ControlContext, "control" | "rights">): Promise<void> {
  const ctx: ControlContext = {
    control,
    actor: SYSTEM,
    ip: null,
    requestId: null,
    feeds: [],
    clock,
    newId: randomUUID,
    patienceMs: 0,
    rights,
  };
  for (const mark of await listMarks(ctx)) {
    if (mark.kind !== "acknowledgement" || !isOutdated(mark)) continue;
    const isEnded = await endMark(ctx, { feed: mark.feed, id: mark.problemId }, mark.kind, "failed-anew");
    if (isEnded) onEnded(mark);
  }
}
