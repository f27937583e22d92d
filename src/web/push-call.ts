/** A delivery of a Pub/Sub push subscription: who sends it, whose allowance it is charged to, and then as any other events. */
import type { App } from "../app";
import type { PubsubConfig } from "../config";
import { mayUseFeed, type Actor } from "../control/actor";
import { AppError } from "../model/app-error";

export interface PushDelivery {
  feed: string;
  /** Who asks; null where pushes are signed by Pub/Sub, which is looked at here. */
  actor: Actor | null;
  authorization: string | null;
  /** Id of the token that the subscription's address names; null = none. */
  charge: string | null;
  /** The body, unread. */
  incoming: Parameters<App["ingest"]["pubsubPush"]>[1];
}

/**
 * Returns when the delivery may be acknowledged. Whoever sends more than they may is refused: Pub/Sub keeps the message, slows
 * down and delivers it again.
 *
 * @throws AppError unauthorized, forbidden, bad-parameter, rate-limited, control-unavailable, and as `Ingest.pubsubPush`
 */
export async function takePush(
  app: Pick<App, "checkPush" | "ingest" | "tokens"> & { config: { pubsub: Pick<PubsubConfig, "push"> } },
  { feed, actor, authorization, charge, incoming }: PushDelivery,
): Promise<void> {
  if (actor !== null && charge !== null) throw chargedAlready(actor);
  await app.checkPush(authorization);
  if (charge !== null && (app.config.pubsub.push?.email ?? null) === null) throw anybodyCouldCharge();
  const payer = charge === null ? actor : await payerOf(app, charge, feed);
  const { accepted, rejected } = await app.ingest.pubsubPush(feed, incoming);
  if (payer !== null) app.tokens.spend(payer, accepted + rejected.length);
}

async function payerOf({ tokens }: Pick<App, "tokens">, id: string, feed: string): Promise<Actor> {
  const payer = await tokens.actorNamed(id);
  if (payer === null)
    throw new AppError(
      "bad-parameter",
      `charge: there is no token with the id ${JSON.stringify(id.slice(0, 100))}: take the id that /settings/tokens shows, which is no secret.`,
      { parameter: "charge" },
    );
  if (mayUseFeed(payer, "write", feed)) return payer;
  throw new AppError("forbidden", `The token ${payer.name} may not write the feed ${feed}.`);
}

/** An id is no secret, and anybody has Google sign a token for an audience of their choice. */
const anybodyCouldCharge = (): AppError =>
  new AppError(
    "bad-parameter",
    "charge: a push names a token only where WEIR_PUBSUB_PUSH_EMAIL says which service account pushes: set it to that of the subscription. Without it anybody could use up a token by its id.",
    { parameter: "charge" },
  );

const chargedAlready = ({ name }: Actor): AppError =>
  new AppError(
    "bad-parameter",
    `charge: this push is ${name}'s already; it names a token only where Pub/Sub signs pushes (WEIR_PUBSUB_PUSH_AUDIENCE).`,
    { parameter: "charge" },
  );
