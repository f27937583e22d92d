/** Who may sign in, from the settings about it. */
import { ConfigurationError } from "./configuration-error";
import { isLoopback } from "./values";

/** Who may sign in beside people with a password. */
export interface PeopleConfig {
  /** A provider of single sign-on (OpenID Connect). */
  oidc: OidcConfig | null;
  /** An identity-aware proxy in front of this server. */
  proxy: ProxyConfig | null;
  /** Of whoever is new through one of them. */
  defaultRole: "viewer" | "operator";
}

export interface OidcConfig {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** Claim that names the role; null = admins give roles here. */
  roleClaim: string | null;
}

export interface ProxyConfig {
  /** Header with the token that the proxy signs, in lower case. */
  header: string;
  /** Where its keys are. */
  jwksUrl: string;
  audience: string;
  issuer: string;
}

export interface PeopleSettings {
  WEIR_HOST: string;
  WEIR_ORIGIN?: string | undefined;
  WEIR_SECRET?: string | undefined;
  WEIR_OIDC_ISSUER?: string | undefined;
  WEIR_OIDC_CLIENT_ID?: string | undefined;
  WEIR_OIDC_CLIENT_SECRET?: string | undefined;
  WEIR_OIDC_ROLE_CLAIM?: string | undefined;
  WEIR_PROXY_JWT_HEADER?: string | undefined;
  WEIR_PROXY_JWT_JWKS_URL?: string | undefined;
  WEIR_PROXY_JWT_AUDIENCE?: string | undefined;
  WEIR_PROXY_JWT_ISSUER?: string | undefined;
}

export function oidcConfig(values: PeopleSettings): OidcConfig | null {
  const { WEIR_OIDC_ISSUER: issuer, WEIR_OIDC_CLIENT_ID: clientId, WEIR_OIDC_CLIENT_SECRET: clientSecret } = values;
  const { WEIR_OIDC_ROLE_CLAIM: roleClaim } = values;
  if (issuer === undefined) {
    const needless = Object.entries({ CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, ROLE_CLAIM: roleClaim });
    const [name] = needless.find(([, value]) => value !== undefined) ?? [];
    if (name === undefined) return null;
    throw new ConfigurationError(`WEIR_OIDC_${name} needs WEIR_OIDC_ISSUER, the address of the provider.`);
  }
  if (clientId === undefined)
    throw new ConfigurationError(
      "WEIR_OIDC_ISSUER needs WEIR_OIDC_CLIENT_ID, by which the provider knows this server.",
    );
  requireGuarded("WEIR_OIDC_ISSUER", values);
  if (values.WEIR_ORIGIN === undefined && !isLoopback(values.WEIR_HOST))
    throw new ConfigurationError(
      "WEIR_OIDC_ISSUER needs WEIR_ORIGIN, the address to which the provider sends people back.",
    );
  return { issuer, clientId, clientSecret: clientSecret ?? null, roleClaim: roleClaim ?? null };
}

/** Of Google's proxy everything but the audience is known. */
const GOOGLE_PROXY = {
  header: "x-goog-iap-jwt-assertion",
  jwksUrl: "https://www.gstatic.com/iap/verify/public_key-jwk",
  issuer: "https://cloud.google.com/iap",
};

export function proxyConfig(values: PeopleSettings): ProxyConfig | null {
  const { WEIR_PROXY_JWT_HEADER: header, WEIR_PROXY_JWT_AUDIENCE: audience } = values;
  const given = { jwksUrl: values.WEIR_PROXY_JWT_JWKS_URL, issuer: values.WEIR_PROXY_JWT_ISSUER };
  if (header === undefined) {
    if ([audience, given.jwksUrl, given.issuer].every((value) => value === undefined)) return null;
    throw new ConfigurationError(
      `WEIR_PROXY_JWT_… needs WEIR_PROXY_JWT_HEADER, such as ${GOOGLE_PROXY.header}: the header that the proxy signs.`,
    );
  }
  requireGuarded("WEIR_PROXY_JWT_HEADER", values);
  const known = header === GOOGLE_PROXY.header ? GOOGLE_PROXY : null;
  const jwksUrl = given.jwksUrl ?? known?.jwksUrl;
  const issuer = given.issuer ?? known?.issuer;
  if (audience === undefined || jwksUrl === undefined || issuer === undefined) {
    const missing = audience === undefined ? "AUDIENCE" : jwksUrl === undefined ? "JWKS_URL" : "ISSUER";
    throw new ConfigurationError(
      `WEIR_PROXY_JWT_HEADER needs WEIR_PROXY_JWT_${missing}: without it anybody's token would do.`,
    );
  }
  return { header, jwksUrl, audience, issuer };
}

/** Where everybody at this machine is the local user, nobody is asked who they are. */
function requireGuarded(name: string, { WEIR_SECRET }: PeopleSettings): void {
  if (WEIR_SECRET !== undefined) return;
  throw new ConfigurationError(
    `${name} needs WEIR_SECRET: without it this server asks nobody to sign in, and with it you get in when the provider is down.`,
  );
}
