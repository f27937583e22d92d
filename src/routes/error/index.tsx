/** The page that stands for a failed request: routes/plugin.ts rewrites to it. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { AppError } from "~/model/app-error";
import { PROBLEM_KEY, type Problem } from "~/web/problem";

/** Nobody asks for this page by its name. */
export const onRequest: RequestHandler = (ev) => {
  if (!ev.sharedMap.has(PROBLEM_KEY))
    throw new AppError("not-found", `There is nothing at ${JSON.stringify(ev.url.pathname)}.`);
};

export const useProblem = routeLoader$((ev) => {
  const { title, detail, status, oldest, requestId } = ev.sharedMap.get(PROBLEM_KEY) as Problem;
  ev.headers.set("Cache-Control", "no-store");
  return { title, detail, status, oldest: oldest ?? null, requestId };
});

export default component$(() => {
  const problem = useProblem();
  return (
    <main id="main" class="error-page">
      <p class="error-status">{problem.value.status}</p>
      <h1>{problem.value.title}</h1>
      <p>{problem.value.detail}</p>
      <p class="error-ways">
        {problem.value.oldest && <a href={`?at=${problem.value.oldest}`}>Go to the oldest moment that is kept</a>}
        <a href="/">Back to what is happening now</a>
      </p>
      <p class="muted">Request {problem.value.requestId}</p>
    </main>
  );
});

export const head: DocumentHead = ({ resolveValue }) => ({ title: `${resolveValue(useProblem).title} · Weir` });
