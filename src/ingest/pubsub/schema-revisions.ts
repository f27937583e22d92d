/**
 * Schemas that Pub/Sub says a message was written with, asked for once per revision. A revision never changes, so what was
 * found is kept; that one cannot be had is believed for a while.
 */
import type { Logger } from "pino";
import { AppError } from "../../model/app-error";
import type { SchemaRevisions } from "./decode-message";

/** A schema as the service names it; anything else was not put there by the service and is not asked for. */
const SCHEMA = /^projects\/[^/\s]{1,100}\/schemas\/[A-Za-z][\w.~+%-]{2,254}$/;
const REVISION = /^[0-9a-f]{1,40}$/;
const MAX_KEPT = 200;
const BELIEVED_MS = 60_000;

export interface SchemaRevisionsOptions {
  /** The definition of `projects/…/schemas/NAME@REVISION`; null = there is none, or no right to read it. */
  ask(name: string): Promise<string | null>;
  /** Milliseconds since some fixed moment. */
  elapsed(): number;
  log: Logger;
}

export function schemaRevisions({ ask, elapsed, log }: SchemaRevisionsOptions): SchemaRevisions {
  const found = new Map<string, string>();
  const missing = new Map<string, number>();
  const asked = new Map<string, Promise<string | null>>();

  const lookUp = async (name: string): Promise<string | null> => {
    try {
      const text = await ask(name);
      if (text !== null) keep(found, name, text);
      else {
        keep(missing, name, elapsed() + BELIEVED_MS);
        log.warn(
          { schema: name },
          "the schema of messages cannot be read (grant roles/pubsub.viewer); the feed's is used",
        );
      }
      return text;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError(
        "engine-unavailable",
        `The schema ${name} cannot be read just now: ${reason}.`,
        {},
        { cause: error },
      );
    } finally {
      asked.delete(name);
    }
  };

  return (schema, revision) => {
    if (!SCHEMA.test(schema) || !REVISION.test(revision)) return null;
    const name = `${schema}@${revision}`;
    const known = found.get(name);
    if (known !== undefined) return known;
    if ((missing.get(name) ?? -Infinity) > elapsed()) return null;
    const running = asked.get(name) ?? lookUp(name);
    asked.set(name, running);
    return running;
  };
}

function keep<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.size >= MAX_KEPT) map.delete(map.keys().next().value!);
  map.set(name, value);
}
