/** Who did what, when and from where. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { AuditView } from "~/components/settings/audit-view";
import { AUDIT_FILTERS, auditPage } from "~/web/pages/audit-page";
import { onlyParameters } from "~/web/parameters";

export const useAuditPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, [...AUDIT_FILTERS, "after"]);
  leavePageData(ev, "audit", await auditPage(getApp(), ev));
  return null;
});

export default component$(() => <AuditView />);

export const head: DocumentHead = { title: "Audit" };
