/**
 * Who is told when somebody's rights change: caches forget, long streams look again. It reaches this process; others notice
 * when they look for themselves, which they do every few seconds.
 */
export interface RightsChange {
  /** Id of the actor whose rights are others now, or none. */
  actorId: string;
  /** Only in this session; null = wherever they are signed in. */
  sessionId: string | null;
}

export class RightsChanges {
  readonly #listeners = new Set<(change: RightsChange) => void>();

  /** To be called after the change is committed. */
  announce(change: RightsChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** @returns ends it */
  onRightsChanged(listener: (change: RightsChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Whether a change is about this actor. */
export const isAbout = (change: RightsChange, actor: { id: string; sessionId?: string }): boolean =>
  change.actorId === actor.id && (change.sessionId === null || change.sessionId === actor.sessionId);
