import type { Live } from "./live";

/** The view that shows a problem; of one that is in none (any more), the view with the plain name. */
export const problemTopic = (live: Pick<Live, "problem">, problemId: string): `views/${string}` =>
  `views/${live.problem(problemId)?.view.name ?? "problems"}`;
