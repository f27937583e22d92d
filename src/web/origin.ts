/** Under which address a request came in. Headers of a proxy are believed only where WEIR_TRUST_PROXY says that there is one. */
import type { RequestEventBase } from "@builder.io/qwik-city";
import type { IncomingHttpHeaders } from "node:http";

const FORWARDED = [
  "forwarded",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-for",
  "x-forwarded-port",
] as const;

/** Anybody can send these; the framework would show a foreign host in the page's own links. */
export function dropForwarded(headers: IncomingHttpHeaders): void {
  for (const name of FORWARDED) delete headers[name];
}

/**
 * @returns WEIR_ORIGIN, else what the trusted proxy says, else null: the Host header decides
 */
export function originOf(
  rules: { origin: string | null; trustProxy: boolean },
  headers: IncomingHttpHeaders,
): string | null {
  if (rules.origin !== null) return rules.origin;
  if (!rules.trustProxy) return null;
  const first = (name: string) =>
    String(headers[name] ?? "")
      .split(",")[0]!
      .trim();
  const host = first("x-forwarded-host") || first("host");
  const protocol = first("x-forwarded-proto") === "https" ? "https" : "http";
  return URL.canParse(`${protocol}://${host}`) ? new URL(`${protocol}://${host}`).origin : null;
}

/** Of whoever asks. A proxy adds it at the end of what others may have written before it. */
export function clientAddress({ trustProxy }: { trustProxy: boolean }, ev: RequestEventBase): string | null {
  const forwarded = trustProxy ? ev.request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  return forwarded || (ev.clientConn.ip ?? null);
}
