/**
 * Whether a push comes from the subscription that may push: Pub/Sub signs a token (OIDC, RS256) for the audience that the
 * subscription was given, in the name of its service account.
 */
import { OAuth2Client } from "google-auth-library";
import { AppError } from "../../model/app-error";

export interface PushTokenRules {
  audience: string;
  /** The service account that must have signed; null = any of Google's that was given this audience. */
  email: string | null;
}

export interface PushTokenParts {
  /** Where the certificates of the signer are, as PEM by key id; absent = Google's. */
  certificatesUrl?: string;
}

/** @throws AppError unauthorized with what is wrong; engine-unavailable when the certificates cannot be had */
export type CheckPushToken = (authorization: string | null) => Promise<void>;

const ISSUERS = ["https://accounts.google.com", "accounts.google.com"];
/** Tokens are good for an hour; one that says more of itself is not Google's. */
const MAX_LIFE_S = 2 * 3_600;

export function pushTokenCheck({ audience, email }: PushTokenRules, parts: PushTokenParts = {}): CheckPushToken {
  const { certificatesUrl } = parts;
  const client = new OAuth2Client(
    certificatesUrl === undefined ? {} : { endpoints: { oauth2FederatedSignonPemCertsUrl: certificatesUrl } },
  );
  return async (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw refuse("a push carries a token: turn on authentication of the push subscription");
    const certificates = await client.getFederatedSignonCertsAsync().catch((error: unknown) => {
      throw unavailable(error);
    });
    const claims = await verified(client, token, certificates.certs, audience);
    if (email === null) return;
    if (claims?.email === email && claims.email_verified === true) return;
    throw refuse(`the token was made for ${JSON.stringify(claims?.email ?? null)}, not for WEIR_PUBSUB_PUSH_EMAIL`);
  };
}

type Certificates = Awaited<ReturnType<OAuth2Client["getFederatedSignonCertsAsync"]>>["certs"];

async function verified(client: OAuth2Client, token: string, certificates: Certificates, audience: string) {
  try {
    const login = await client.verifySignedJwtWithCertsAsync(token, certificates, audience, ISSUERS, MAX_LIFE_S);
    return login.getPayload();
  } catch (error) {
    // The library's sentences end with the whole token, which is nobody's to read.
    const reason = (error instanceof Error ? error.message : String(error)).split(/[:{]/)[0]!.trim();
    throw refuse(`the token of the push is not good (${reason})`, error);
  }
}

const refuse = (reason: string, cause?: unknown) => new AppError("unauthorized", `${sentence(reason)}.`, {}, { cause });

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

const unavailable = (cause: unknown) =>
  new AppError(
    "engine-unavailable",
    "The certificates that push tokens are checked with cannot be had just now; deliver this again.",
    {},
    { cause },
  );
