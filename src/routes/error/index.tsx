/** The page that stands for a failed request: routes/plugin.ts rewrites to it. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { Notice, type NoticeProps } from "~/components/notice/notice";
import { withParams } from "~/components/shell/page-url";
import { AppError } from "~/model/app-error";
import { PROBLEM_KEY, retrySeconds, type Problem } from "~/web/problem";

/** Nobody asks for this page by its name. */
export const onRequest: RequestHandler = (ev) => {
  if (!ev.sharedMap.has(PROBLEM_KEY))
    throw new AppError("not-found", `There is nothing at ${JSON.stringify(ev.url.pathname)}.`);
};

export const useNotice = routeLoader$((ev): NoticeProps => {
  const problem = ev.sharedMap.get(PROBLEM_KEY) as Problem;
  ev.headers.set("Cache-Control", "no-store");
  const { status, title, detail, requestId } = problem;
  // Somebody who opened the page while the tables are away (or still being read) sees it as soon as they are there.
  if (problem.code === "engine-unavailable") ev.headers.set("Refresh", String(retrySeconds(problem)));
  const { pathname, search } = ev.originalUrl;
  return { status, title, detail, requestId, links: linksOf(problem, pathname + search) };
});

function linksOf({ status, oldest }: Problem, here: string): NoticeProps["links"] {
  const home = { href: "/", label: "On-call page" };
  if (status === 410) {
    const present = { href: withParams(here, { at: null }), label: "Return to live" };
    const kept = oldest ? [{ href: withParams(here, { at: oldest }), label: "Show the oldest that is kept" }] : [];
    return [...kept, present];
  }
  if (status >= 500 || status === 429) return [{ href: here, label: "Try again" }, home];
  return [home];
}

export default component$(() => {
  const { status, title, detail, requestId, links } = useNotice().value;
  return <Notice status={status} title={title} detail={detail} requestId={requestId} links={links} />;
});

export const head: DocumentHead = ({ resolveValue }) => ({ title: resolveValue(useNotice).title });
