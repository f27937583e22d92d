/**
 * `weir publish FEED FILE|-`: sends the events of a file. A file can be sent again when the server was away (replays change
 * nothing), so it is given up after a while; what comes from a pipe cannot, so it goes to the spool.
 */
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { readClientConfig } from "../config";
import { eventsAddress, postEvents, type HttpTarget } from "../publisher/http-transport";
import type { Notice } from "../publisher/outcome";
import { createPublisher, type Publisher } from "../publisher/publisher";
import { sendAgain } from "../publisher/send-again";
import { duration, readOptions } from "./arguments";
import { spoolFolder } from "./observer";
import { avroParts, type AvroPart } from "./publish/avro-parts";
import { eventsOf, formatOf, type EventFormat } from "./publish/events-of";
import { Tally } from "./publish/tally";
import { plainLine } from "./plain-text";
import { UsageError } from "./usage";

interface PublishOptions extends HttpTarget {
  /** Path, or null for standard input. */
  file: string | null;
  format: EventFormat | null;
  /** How long a server may be away before what is left is given up. */
  waitMs: number;
  spool: string | null;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** Enough to tell the formats apart. */
const START_BYTES = 64 * 1024;

/** Resolves with the exit code: 0 all acknowledged, 1 some rejected or not sent, 3 the rest is in the spool. */
export async function publish(args: readonly string[]): Promise<number> {
  const options = readPublishOptions(args);
  const { input, start } = await openInput(options.file);
  const format = options.format ?? formatOf(start);
  const tally = new Tally(process.stderr);
  if (format === "avro")
    await publishAvro(options, options.file === null ? await buffer(input) : await readFile(options.file), tally);
  else await publishEvents(options, eventsOf(format, input), tally);
  input.destroy();
  return tally.end();
}

async function publishEvents(
  options: PublishOptions,
  events: ReturnType<typeof eventsOf>,
  tally: Tally,
): Promise<void> {
  // A spool takes what comes for as long as it has room.
  const patience = new Patience(options.spool === null ? options.waitMs : null);
  const { feed, url, token, spool, requestTimeoutMs } = options;
  const publisher = await createPublisher({
    feed,
    url,
    requestTimeoutMs,
    // Without a spool the time has come when patience has ended.
    closeTimeoutMs: spool === null ? 0 : options.waitMs,
    ...(token !== null && { token }),
    ...(spool !== null && { spool }),
    onNotice: (notice) => patience.hear(notice),
  });
  try {
    for await (const { place, line } of events) {
      await Promise.race([publisher.room(), patience.ended]);
      if (patience.isOver) {
        tally.stopped(place);
        break;
      }
      publisher.publishLine(line).then(
        (outcome) => tally.add(place, outcome),
        (error: unknown) => tally.add(place, { state: "lost", reason: (error as Error).message }),
      );
    }
    await Promise.race([publisher.flush(), patience.ended]);
  } finally {
    await endOf(publisher);
    patience.end();
  }
}

async function endOf(publisher: Publisher): Promise<void> {
  await publisher.close();
  // The outcomes of the last events have their turn.
  await publisher.flush();
}

/** Says when the far end has been away for too long. */
class Patience {
  readonly #ms: number | null;
  #timer: NodeJS.Timeout | null = null;
  #giveUp = () => {};
  isOver = false;
  readonly ended = new Promise<void>((resolve) => (this.#giveUp = resolve));

  /** @param ms null = never */
  constructor(ms: number | null) {
    this.#ms = ms;
  }

  hear(notice: Notice): void {
    if (notice.kind === "back") this.end();
    if (notice.kind === "away") this.#begin(notice.reason);
    if (notice.kind === "held" || notice.kind === "spool") process.stderr.write(`weir: ${plainLine(notice.reason)}\n`);
    if (notice.kind === "rejected")
      process.stderr.write(`weir: an event of the spool was rejected: ${plainLine(notice.reason)}\n`);
  }

  #begin(reason: string): void {
    const then = this.#ms === null ? "keeping events in the spool" : `trying for ${this.#ms / 1_000} s more`;
    process.stderr.write(`weir: ${plainLine(reason)}; ${then}\n`);
    if (this.#ms === null) return;
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#giveUp();
    }, this.#ms);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

async function publishAvro(options: PublishOptions, file: Buffer, tally: Tally): Promise<void> {
  let unsent: string | null = null;
  for (const piece of avroParts(file)) {
    if ("damaged" in piece) {
      tally.add(`event ${piece.first}`, { state: "rejected", reason: piece.damaged, field: null, deadLetter: null });
    } else if (unsent !== null) tally.add("", { state: "lost", reason: unsent }, piece.events);
    else unsent = await sendPart(options, piece, tally);
  }
}

/** Null, or why nothing more is to be sent. */
async function sendPart(options: PublishOptions, part: AvroPart, tally: Tally): Promise<string | null> {
  const body = { contentType: "application/avro", bytes: part.bytes, events: part.events };
  const transport = {
    send: (_: readonly string[], signal: AbortSignal) => postEvents(options, body, signal),
    close: () => Promise.resolve(),
  };
  const patience = new Patience(options.waitMs);
  const abort = new AbortController();
  void patience.ended.then(() => abort.abort());
  const onAway = (reason: string, attempt: number) => attempt === 1 && patience.hear({ kind: "away", reason });
  const answer = await sendAgain(transport, [], { tries: Infinity, keepsAlive: true, signal: abort.signal, onAway });
  patience.end();
  const whole = part.events === 1 ? `event ${part.first}` : `events ${part.first} to ${part.first + part.events - 1}`;
  switch (answer.kind) {
    case "taken":
      for (const [i, refusal] of answer.rejected)
        tally.add(`event ${part.first + i}`, { state: "rejected", ...refusal });
      tally.add("", { state: "acknowledged" }, part.events - answer.rejected.size);
      return null;
    case "unacceptable":
      tally.add(whole, { state: "rejected", ...answer.refusal }, part.events);
      return null;
    case "unwelcome":
    case "away":
      tally.add("", { state: "lost", reason: answer.reason }, part.events);
      return answer.reason;
  }
}

async function openInput(file: string | null): Promise<{ input: Readable; start: Buffer }> {
  if (file !== null) {
    const start = await firstBytes(file);
    return { input: createReadStream(file), start };
  }
  const [start, rest] = await splitStart(process.stdin);
  return { input: rest, start };
}

async function firstBytes(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, "r");
    try {
      const { buffer: bytes, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UsageError(`weir publish cannot read ${JSON.stringify(file)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The first line (or as much as tells the formats apart), and everything including it. */
async function splitStart(input: NodeJS.ReadStream): Promise<[Buffer, Readable]> {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const taken: Buffer[] = [];
  let size = 0;
  while (size < START_BYTES && !taken.some((chunk) => chunk.includes(10))) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    taken.push(value);
    size += value.length;
  }
  const all = async function* () {
    yield* taken;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  return [Buffer.concat(taken), Readable.from(all(), { objectMode: false })];
}

/** @throws UsageError */
function readPublishOptions(args: readonly string[]): PublishOptions {
  const client = readClientConfig();
  const { values, positionals } = readOptions(
    "publish",
    args,
    {
      format: { type: "string" },
      wait: { type: "string", default: "30s" },
      spool: { type: "string" },
      url: { type: "string" },
    },
    true,
  );
  const [feed, file, ...more] = positionals;
  if (feed === undefined || file === undefined || more.length > 0) {
    throw new UsageError("weir publish needs a feed and a file: weir publish FEED FILE (or - for standard input).");
  }
  const { format } = values;
  if (format !== undefined && format !== "avro" && format !== "json" && format !== "ndjson") {
    throw new UsageError(`--format must be avro, json or ndjson (it is ${JSON.stringify(format)}).`);
  }
  const target = { feed, url: values.url ?? client.url };
  checkAddress(target);
  return {
    ...target,
    token: client.token,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    file: file === "-" ? null : file,
    format: format ?? null,
    waitMs: duration("--wait", values.wait),
    spool: values.spool ?? (file === "-" ? spoolFolder({ ...target, spoolDir: client.spoolDir }) : null),
  };
}

function checkAddress(target: Pick<HttpTarget, "feed" | "url">): void {
  try {
    eventsAddress(target);
  } catch (error) {
    throw new UsageError(`weir publish: ${(error as Error).message}`, { cause: error });
  }
}
