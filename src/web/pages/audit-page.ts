/** The audit log on a page: what is asked for stands in the address, as in the call. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { withParams } from "../../components/shell/page-url";
import { requireRole } from "../../control/actor";
import type { AuditEntryRead } from "../../control/audit/audit-query";
import { listAudit, listAuditInput } from "../../control/audit/list-audit";
import { parseInput } from "../../control/input";
import { actorOf } from "../actor";
import { askForPage } from "./page-control";

export interface AuditPageData {
  /** Null while the database is not there. */
  entries: readonly AuditEntryRead[] | null;
  asked: { who: string; action: string; entity: string; entityId: string; q: string };
  older: string | null;
  exports: { ndjson: string; csv: string };
}

export const AUDIT_FILTERS = ["who", "action", "entity", "entityId", "q"] as const;
const PAGE_ROWS = 100;

/** @throws AppError forbidden, bad-parameter */
export async function auditPage(app: App, ev: RequestEventCommon): Promise<AuditPageData> {
  requireRole({ actor: actorOf(ev) }, "admin");
  const given = Object.fromEntries([...ev.query].filter(([, value]) => value !== ""));
  const { after: _place, ...filters } = given;
  const input = { ...given, limit: PAGE_ROWS };
  parseInput(listAuditInput, input); // what is wrong is said, not taken for an absent database
  const page = await askForPage(app, ev, (ctx) => listAudit(ctx, input));
  const exported = (format: string) => withParams("/api/v1/audit", { ...filters, format });
  return {
    entries: page?.entries ?? null,
    asked: Object.fromEntries(AUDIT_FILTERS.map((name) => [name, given[name] ?? ""])) as AuditPageData["asked"],
    older: page?.next ? withParams("/settings/audit", { ...filters, after: page.next }) : null,
    exports: { ndjson: exported("ndjson"), csv: exported("csv") },
  };
}
