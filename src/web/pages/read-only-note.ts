/** What a page says of a feed that another writes: who does, or that its table is only read and how far back that reaches. */
import type { App } from "../../app";
import { exactTime } from "../../components/ui/time-text";
import type { Feed } from "../../model/feed";
import { AppError } from "../../model/app-error";
import { timeOf } from "../../model/instant";

/** Null for a feed that this server writes. */
export async function readOnlyNote(app: App, feed: Feed): Promise<string | null> {
  const writer = app.processes?.writerOf(feed.name);
  if (writer && !writer.here) return `written by ${writer.address ?? `another server on ${writer.host}`}`;
  if (app.ingest.status(feed.name).state !== "read-only") return null;
  try {
    const reach = await app.tables(feed.name).reader.reach();
    if (reach === null) return "read-only: another job writes this table, which is not there yet";
    return `read-only: another job writes this table, which reaches back to ${exactTime(timeOf(reach)).slice(0, 19)} UTC`;
  } catch (error) {
    // The page is served from memory; what the engine has to say of itself is on the line of its age.
    if (error instanceof AppError && error.code === "engine-unavailable")
      return "read-only: another job writes this table";
    throw error;
  }
}
