/**
 * `weir replay`: lands a recording in an empty table through the real staging and the real committer, under a clock that is
 * stepped along the recording, so that its commits lie in the past as they did when it was made. Offline: the data directory
 * must not be served at the same time.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { createApp } from "../app";
import { readConfig } from "../config";
import { fileEncoder } from "../ingest/avro/encode";
import { feedCodec } from "../ingest/codec";
import { realPace } from "../ingest/pace";
import { stepsOf } from "./recording";
import { UsageError } from "./usage";

const DEFAULT_ENDING_AGO_MS = 60_000;

export async function replay(args: readonly string[]): Promise<number> {
  const { feed: feedName, recording, ending } = readArguments(args);
  let now = ending;
  const clock = { now: () => now };
  // The committer's gap passes with the clock: a step is committed as soon as it is staged.
  let passed = 0;
  const pace = { elapsed: () => passed, sleep: realPace.sleep };
  const app = await createApp(readConfig(), { clock, pace });
  try {
    const feed = app.feed(feedName);
    if ((await app.tables(feedName).reader.head()).instant !== null) {
      throw new UsageError(`The table of ${feedName} is not empty: a recording is only replayed into an empty one.`);
    }
    const { rows, rejected } = feedCodec(feed, app.config.maxBodyBytes).decode("avro", await readFile(recording), now);
    if (rejected.length > 0) throw new UsageError(`${recording}: event ${rejected[0]!.index}: ${rejected[0]!.reason}`);
    const encode = fileEncoder(feed);
    const steps = stepsOf(feed, rows, ending);
    for (const step of steps) {
      now = step.at;
      passed = step.at - steps[0]!.at;
      const body = Readable.from([encode(step.rows, randomBytes(16))]);
      await app.ingest.accept(feedName, {
        contentType: "application/avro",
        contentEncoding: null,
        body,
        source: "replay",
      });
      await app.ingest.whenDrained();
    }
    process.stdout.write(`replayed ${rows.length} events\n`);
    return 0;
  } finally {
    now = Math.max(now, ending);
    await app.close();
  }
}

function readArguments(args: readonly string[]) {
  const options = { feed: { type: "string" }, recording: { type: "string" }, ending: { type: "string" } } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new UsageError(`weir replay: ${(error as Error).message}`);
  }
  if (values.feed === undefined || values.recording === undefined) {
    throw new UsageError("weir replay needs --feed NAME and --recording FILE.");
  }
  const ending = values.ending === undefined ? Date.now() - DEFAULT_ENDING_AGO_MS : Number(values.ending);
  if (!Number.isSafeInteger(ending) || ending < 1e11) {
    throw new UsageError(`--ending must be epoch milliseconds (it is ${JSON.stringify(values.ending)}).`);
  }
  return { feed: values.feed, recording: values.recording, ending };
}
