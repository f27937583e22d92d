/** What operators do with dead letters, and that it was they who did it. */
import type { RequestEventBase } from "@builder.io/qwik-city";
import type { App } from "../app";
import { keepable } from "../control/input";
import { controlContext } from "./actor";

type Ingest = App["ingest"];
type Replayed = Parameters<NonNullable<Parameters<Ingest["replay"]>[2]>>[0];

/** @throws AppError unknown-feed, not-found, and as `Ingest.replay` */
export async function replayDeadLetter(
  app: App,
  ev: RequestEventBase,
  feed: string,
  id: string,
): Promise<Replayed["answer"]> {
  return app.ingest.replay(feed, id, ({ answer, letter }) =>
    app.deeds.note(controlContext(app, ev), {
      action: "dead-letter.replay",
      entityId: `${feed}/${letter.id}`,
      before: audited(letter),
      after: { accepted: answer.accepted },
    }),
  );
}

/** @throws AppError unknown-feed, not-found */
export async function deleteDeadLetter(app: App, ev: RequestEventBase, feed: string, id: string): Promise<void> {
  const letter = await app.ingest.deadLetters(feed).remove(id);
  app.deeds.note(controlContext(app, ev), {
    action: "dead-letter.delete",
    entityId: `${feed}/${letter.id}`,
    before: audited(letter),
    after: null,
  });
}

const MAX_REASON = 500;

/** Everything but the bytes that were sent. */
const audited = ({ at, source, field, reason, bytes }: Replayed["letter"]) => ({
  at,
  source: keepable(source),
  field: field === null ? null : keepable(field),
  reason: keepable(reason).slice(0, MAX_REASON),
  bytes,
});
