/** The statements by which others read what a page shows of a feed. */
import type { App } from "../../../app";
import type { Instant } from "../../../model/instant";
import { tableSql, type SqlText } from "../../../model/table-sql";

/** Never fails for an engine that is away: then the files are not known. @throws AppError unknown-feed */
export async function stateSql(
  app: Pick<App, "tables">,
  feedName: string,
  instant: Instant,
  { isHead, onlyChanged }: { isHead: boolean; onlyChanged: boolean },
): Promise<SqlText[]> {
  const { feed, inspector } = app.tables(feedName);
  const [state, log] = inspector.tables;
  // Where log and state have instants of their own, an instant of a page is one of the log.
  const stateInstant = inspector.stateInstant(instant);
  const isKnown = stateInstant !== null || (isHead && !onlyChanged);
  const ofState = isKnown ? await state!.files(isHead ? null : stateInstant) : null;
  const files = ofState ?? (log ? await log.files(instant) : null);
  return tableSql({
    feed,
    tables: inspector.tables.map(({ role, name, location }) => ({ role, name, location })),
    instant,
    isHead,
    onlyChanged,
    stateInstant: ofState === null ? null : (stateInstant ?? instant),
    files,
  });
}
