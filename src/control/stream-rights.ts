/**
 * Whoever opened a stream was allowed to then. Here they are looked at again: at once when their rights change in this process,
 * and every few seconds for what other processes have changed and for what ended by its time.
 */
import type { Log } from "../log";
import { AppError } from "../model/app-error";
import { AccessLost } from "../model/stream-access";
import type { Topic } from "../model/view";
import { mayUseFeed, type Actor } from "./actor";
import { isAbout, type RightsChanges } from "./rights";

/** Together with a slow database less than the 15 s that a withdrawal may take to be noticed. */
const LOOK_EVERY_MS = 10_000;

export interface FollowedTopic {
  topic: Topic;
  /** That it is made of. */
  feed: string;
}

export interface StreamWatch {
  /** Aborts with an `AccessLost` as its reason. */
  signal: AbortSignal;
  /** To be called when the stream has ended. */
  end(): void;
}

export interface StreamRightsOptions {
  rights: RightsChanges;
  /** An actor as it is now; null when it may nothing any more. @throws AppError control-unavailable */
  rightsOf: (actor: Actor) => Promise<Actor | null>;
  log: Log;
  /** How often everybody is looked at. */
  everyMs?: number;
}

interface Watched {
  actor: Actor;
  topics: readonly FollowedTopic[];
  lost: AbortController;
}

/** Of these nobody withdraws anything while the program runs. */
const isFixed = ({ kind, id }: Actor): boolean => kind === "localUser" || kind === "system" || id === "secret";

export class StreamRights {
  readonly #watched = new Set<Watched>();
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(private readonly options: StreamRightsOptions) {
    this.#stop = options.rights.onRightsChanged((change) => {
      void this.#lookAt([...this.#watched].filter(({ actor }) => isAbout(change, actor)));
    });
    this.#timer = setInterval(() => void this.#lookAround(), options.everyMs ?? LOOK_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#stop();
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  watch(actor: Actor, topics: readonly FollowedTopic[]): StreamWatch {
    const lost = new AbortController();
    const watched: Watched = { actor, topics, lost };
    if (!isFixed(actor)) this.#watched.add(watched);
    return { signal: lost.signal, end: () => this.#watched.delete(watched) };
  }

  /** One round at a time: with a slow database they do not pile up. */
  async #lookAround(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.#lookAt([...this.#watched]);
    this.#isLooking = false;
  }

  /** Somebody with many streams is asked about once. Never rejects. */
  async #lookAt(streams: readonly Watched[]): Promise<void> {
    const byActor = new Map<string, Watched[]>();
    for (const stream of streams) {
      const { actor } = stream;
      const key = `${actor.id} ${actor.kind === "user" ? actor.sessionId : ""}`;
      byActor.set(key, [...(byActor.get(key) ?? []), stream]);
    }
    for (const same of byActor.values()) {
      const now = await this.#rightsNow(same[0]!.actor);
      if (now === "unknown") continue;
      for (const { topics, lost } of same) {
        const withdrawn = now && topics.find(({ feed }) => !mayUseFeed(now, "read", feed));
        if (now === null) lost.abort(new AccessLost(null));
        else if (withdrawn) lost.abort(new AccessLost(withdrawn.topic));
      }
    }
  }

  /** While the database is away nobody knows, and what was known goes on: streams end by themselves within minutes. */
  async #rightsNow(actor: Actor): Promise<Actor | null | "unknown"> {
    try {
      return await this.options.rightsOf(actor);
    } catch (error) {
      const isAway = error instanceof AppError && error.code === "control-unavailable";
      if (!isAway) this.options.log.error({ error }, "the rights of a stream could not be looked at");
      return "unknown";
    }
  }
}
