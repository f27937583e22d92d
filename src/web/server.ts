/**
 * The HTTP server: built files, then the router. Plain Node, so that streams have the real socket; compression is negotiated
 * here for everything but the event streams, which bring their own.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { constants } from "node:zlib";
import compression from "compression";
import sirv from "sirv";
import type { Log } from "../log";
import { AppError } from "../model/app-error";
import { problemOf } from "./problem";
import { requestId } from "./request-id";
import { dropForwarded } from "./origin";

type Handler = (req: IncomingMessage, res: ServerResponse, next: () => void) => unknown;

export interface ServerParts {
  router: Handler;
  notFound: Handler;
  /** Folder of the built client. */
  dist: string;
  log: Log;
  /** Whether a proxy in front sets X-Forwarded-…; else they are anybody's. */
  trustProxy: boolean;
  /** So long a connection may take for the head of a request, `HEADERS_TIMEOUT_MS` unless told. */
  headersTimeoutMs?: number;
}

export interface Listening {
  /** `http://127.0.0.1:3000` */
  address: string;
  server: Server;
  /** Refuses new connections and waits for the running requests, at most this long; then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** At 4 compressing keeps pace with rendering; 5 took 15 ms more for 5,000 rows and saved a few percent. */
const BROTLI_QUALITY = 4;
/** A publisher with a slow link may take a while for its body; a request that sends nothing may not. */
const REQUEST_TIMEOUT_MS = 300_000;
const HEADERS_TIMEOUT_MS = 15_000;
const PORTS_TRIED = 50;
const ONE_YEAR = "public, max-age=31536000, immutable";

/**
 * Listens on the port or, when it is taken, on the next free one. What is no request is answered by Node (400, 408, 413, 431,
 * and never amid another answer): of these a browser takes 408 for what it is on a connection that it had opened in advance,
 * and asks again (docs/decisions/2026-11-22-browsers-open-connections-in-advance.md). Connections are looked at thrice in the time
 * that a head may take, so that the time means something: Node does so every 30 s.
 *
 * @param port 0 = any
 */
export async function listen(parts: ServerParts, host: string, port: number): Promise<Listening> {
  const headersTimeout = parts.headersTimeoutMs ?? HEADERS_TIMEOUT_MS;
  const times = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout, keepAliveTimeout: 65_000 };
  const server = createServer({ ...times, connectionsCheckingInterval: Math.ceil(headersTimeout / 3) }, handler(parts));
  await bind(server, host, port);
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    address: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    server,
    close: (graceMs) => close(server, graceMs),
  };
}

function handler({
  router,
  notFound,
  dist,
  log,
  trustProxy,
}: ServerParts): (req: IncomingMessage, res: ServerResponse) => void {
  const compress = compression({
    threshold: 1024,
    brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  }) as unknown as Handler;
  const files = sirv(dist, {
    etag: true,
    setHeaders: (res, path) => {
      // Only what carries a hash in its name may be kept for ever.
      res.setHeader("Cache-Control", /^\/(build|assets)\//.test(path) ? ONE_YEAR : "no-cache");
      res.setHeader("X-Content-Type-Options", "nosniff");
    },
  });
  return (req, res) => {
    res.on("error", (error) => log.debug({ error }, "response broke"));
    req.raw = res;
    if (!trustProxy) dropForwarded(req.headers);
    if (req.method === "HEAD" && isStream(req.url)) {
      res.writeHead(405, { Allow: "GET" }).end(); // a stream has nothing before it is opened
      return;
    }
    if (req.method === "TRACE") {
      res.writeHead(405, { Allow: "GET, HEAD, POST, PUT, PATCH, DELETE" }).end(); // nothing sends requests back
      return;
    }
    // Node leaves out the body of an answer to HEAD by itself; the routes know GET only.
    if (req.method === "HEAD") req.method = "GET";
    const path = pathOf(req);
    if (path === null)
      return refuse(req, res, new AppError("bad-parameter", "The address is not percent-encoded UTF-8."));
    const unanswered = () => {
      if (res.headersSent) return; // a route that streams writes to the response itself
      if (!path.startsWith("/api/")) return notFound(req, res, () => res.destroy());
      refuse(req, res, new AppError("not-found", `Nothing answers ${req.method} at ${JSON.stringify(path)}.`));
    };
    const route = () => {
      // One request's fault ends that request, never the server.
      Promise.resolve(router(req, res, unanswered)).catch((error: unknown) => {
        log.error({ error, path }, "request failed");
        res.destroy();
      });
    };
    if (isStream(req.url)) return route();
    compress(req, res, () => (req.method === "GET" ? files(req, res, route) : route()));
  };
}

/** The path as it reads, or null when it is no text. */
function pathOf({ url = "/" }: IncomingMessage): string | null {
  try {
    return decodeURIComponent(url.split("?", 1)[0]!);
  } catch {
    return null; // the caller says what is wrong with it
  }
}

/** Answers what never comes to a route. */
function refuse(req: IncomingMessage, res: ServerResponse, error: AppError): void {
  const given = req.headers["x-request-id"];
  const problem = problemOf(error, requestId(typeof given === "string" ? given : null));
  res.writeHead(problem.status, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": problem.requestId,
  });
  res.end(JSON.stringify(problem));
}

const isStream = (url = ""): boolean => /^\/api\/v1\/(.+\/)?live(\?|$)/.test(url);

async function bind(server: Server, host: string, port: number): Promise<void> {
  for (let tried = 0; ; tried++) {
    try {
      return await tryPort(server, host, port === 0 ? 0 : port + tried);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || port === 0 || tried >= PORTS_TRIED) throw error;
    }
  }
}

function tryPort(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
