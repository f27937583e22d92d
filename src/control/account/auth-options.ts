/** What signing in is told, and the names that it and its callers share. */
import type { Log } from "../../log";
import type { Role } from "../actor";

export interface OidcOptions {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** Claim with the role, or a list with roles among others; null = whoever is new has the default role. */
  roleClaim: string | null;
}

export interface AuthOptions {
  /** What cookies are signed with. */
  secret: string;
  /** Null in an instance for passwords alone: it asks no provider. */
  oidc: OidcOptions | null;
  defaultRole: Role;
  log: Log;
}

export const AUTH_PATH = "/api/auth";
export const OIDC_PROVIDER = "oidc";
/** Sessions end a week after signing in, used or not. */
export const SESSION_SECONDS = 7 * 24 * 3_600;
/** In which the caller says who asks; whatever a browser sends is not passed on. */
export const CLIENT_HEADER = "x-weir-client";
