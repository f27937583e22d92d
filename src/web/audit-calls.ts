/** GET /api/v1/audit: a page of it as JSON, or all that is asked for as NDJSON or CSV, in pieces. */
import type { RequestEvent } from "@builder.io/qwik-city";
import { stringify } from "csv-stringify/sync";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "../app";
import type { AuditEntryRead } from "../control/audit/audit-query";
import { exportAudit } from "../control/audit/export-audit";
import { listAudit } from "../control/audit/list-audit";
import { controlContext } from "./actor";
import { onlyParameters } from "./parameters";
import { chooseFormat, contentTypeOf, type RowFormat } from "./row-formats";

const FILTERS = ["who", "action", "entity", "entityId", "q", "from", "to"];

/** @throws AppError forbidden, bad-parameter, control-unavailable */
export async function sendAudit(app: App, ev: RequestEvent): Promise<void> {
  const format = chooseFormat(ev.query.get("format"), ev.request.headers.get("accept"));
  onlyParameters(ev.query, format === "json" ? [...FILTERS, "format", "limit", "after"] : [...FILTERS, "format"]);
  const { format: _chosen, ...asked } = Object.fromEntries(ev.query);
  const ctx = controlContext(app, ev);
  ev.headers.set("Cache-Control", "no-store");
  ev.headers.append("Vary", "Accept");
  if (format === "json") ev.json(200, await listAudit(ctx, asked));
  else await stream(ev, format, exportAudit(ctx, asked));
}

/** On the raw response, as fast as the client reads. The first piece comes before the head: until then it may be refused. */
async function stream(ev: RequestEvent, format: RowFormat, pieces: AsyncGenerator<AuditEntryRead[]>): Promise<void> {
  const response: ServerResponse = (ev.platform as { incomingMessage: IncomingMessage }).incomingMessage.raw!;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const write = async (text: string) => {
    if (!response.write(text)) await once(response, "drain", { signal: gone.signal });
  };
  try {
    const first = await pieces.next();
    for (const [name, value] of ev.headers) response.setHeader(name, value);
    response.setHeader("Content-Type", contentTypeOf(format));
    response.setHeader("Content-Disposition", `attachment; filename="audit.${format}"`);
    response.writeHead(200);
    if (format === "csv") await write(csvOf([COLUMNS]));
    if (!first.done) await write(textOf(first.value, format));
    for await (const entries of pieces) await write(textOf(entries, format));
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return; // the client left
    if (response.headersSent) response.destroy(); // a cut answer must not look like a whole one
    throw error;
  }
}

const textOf = (entries: readonly AuditEntryRead[], format: RowFormat): string =>
  format === "csv" ? csvOf(entries.map(cellsOf)) : entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

const COLUMNS = [
  "id",
  "at",
  "actorKind",
  "actorId",
  "actorName",
  "action",
  "entity",
  "entityId",
  "ip",
  "requestId",
  "before",
  "after",
];

const cellsOf = ({ actor, at, before, after, ...entry }: AuditEntryRead): (string | null)[] => [
  entry.id,
  new Date(at).toISOString(),
  actor.kind,
  actor.id,
  actor.name,
  entry.action,
  entry.entity,
  entry.entityId,
  entry.ip,
  entry.requestId,
  before === null ? null : JSON.stringify(before),
  after === null ? null : JSON.stringify(after),
];

/** Names of people may begin like formulas: a spreadsheet must not run them. */
const csvOf = (rows: readonly (string | null)[][]): string =>
  stringify(rows as (string | null)[][], { escape_formulas: true, record_delimiter: "\r\n" });
