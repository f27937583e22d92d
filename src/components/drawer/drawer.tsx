/**
 * The batch that is open beside a list, as the server writes it; `open-drawer.ts` opens it without loading the list again. It
 * is no modal dialog: the list stays in reach of pointer and keys where it is seen.
 */
import { component$, useVisibleTask$ } from "@builder.io/qwik";
import type { OpenBatch } from "~/web/pages/drawer-page";
import { batchParts } from "../batch/batch-parts";
import { pickPageData } from "../page-data";
import { DRAWER_ID, drawerHead, TITLE_ID } from "./drawer-head";

/** Nothing where nothing is open. */
export const drawer = () => {
  const open = pickPageData<OpenBatch>("drawer");
  if (open === null) return null;
  const { page, why, isPast } = open;
  const spec = page?.follow ? JSON.stringify({ ...page.follow, name: open.correlationId }) : "";
  return (
    <div
      id={DRAWER_ID}
      class={isPast ? "drawer past" : "drawer"}
      role="dialog"
      aria-labelledby={TITLE_ID}
      data-follow={spec}
      data-scroll
    >
      <div class="drawer-head" dangerouslySetInnerHTML={drawerHead(open)} />
      <div class="drawer-body">{page === null ? <p class="muted">{why}</p> : batchParts(page)}</div>
      <WakeDrawer />
    </div>
  );
};

const WakeDrawer = component$(() => {
  // What is open when a page is loaded closes without loading it again, and follows.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(async () => (await import("./open-drawer")).wakeDrawer(), { strategy: "document-idle" });
  return <span hidden />;
});
