/** The two instants of a difference, from `at` and `vs` in any order. */
import type { App } from "../app";
import { AppError } from "../model/app-error";
import { comparePositions } from "../model/position";
import { parseAt } from "../model/row-query";
import type { headAt } from "./pages/page-time";

type Head = Awaited<ReturnType<typeof headAt>>;

export interface DifferenceEnds {
  from: Head;
  to: Head;
}

/** @throws AppError unknown-feed, bad-parameter that names the one that is wrong, gone with the oldest instant that is kept */
export async function differenceEnds(
  app: App,
  feedName: string,
  at: string | null,
  vs: string | null,
): Promise<DifferenceEnds> {
  const ends = await Promise.all([endOf(app, feedName, "at", at), endOf(app, feedName, "vs", vs)]);
  const [a, b] = ends;
  return (comparePositions(a.position, b.position) ?? 0) > 0 ? { from: b, to: a } : { from: a, to: b };
}

async function endOf(app: App, feedName: string, parameter: "at" | "vs", text: string | null): Promise<Head> {
  const { feed, reader } = app.tables(feedName);
  if (text === null)
    throw new AppError("bad-parameter", `${parameter} is missing: a difference is of two instants, at=… and vs=….`, {
      parameter,
    });
  const asked = named(parameter, () => parseAt(text, app.clock.now()));
  const end = await reader.resolve(asked);
  if (end.kind === "head") return end;
  const { oldestInstant: oldest } = end;
  const cure = oldest === null ? "nothing is kept yet" : `the oldest instant that is kept is ${oldest}`;
  throw new AppError("gone", `What the feed ${feed.name} was at ${parameter}=${text} is not kept: ${cure}.`, {
    oldest,
  });
}

/** What reads `at` names `at`. */
function named<T>(parameter: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError) || parameter === "at") throw error;
    throw new AppError(error.code, error.message.replace(/^at /, `${parameter} `), { parameter });
  }
}
