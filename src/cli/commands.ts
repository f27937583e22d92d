/** The verbs of the `weir` command: one file each, this one chooses. */
import { UsageError } from "./usage";

const USAGE = `weir: instant-on observability for data pipelines

  weir serve                     serve pages and API; settings come from WEIR_* (README)
  weir publish FEED FILE|-       send events: Avro container file, JSON or NDJSON (docs/publish)
  weir run --pipeline NAME [options] -- CMD [ARG …]
                                 run a job and tell its story: started, completed or failed (docs/publish)
  weir tail [column=value …]     the newest rows, then every change as it is committed (--json, --last N, --feed NAME)
  weir lake timeline|rows|changes PATH [--at T] [--since P] [--limit N] [--json]
                                 any Hudi table in a folder: its instants, its rows as of T, or what changed since P
  weir replay --feed NAME --recording FILE [--ending MS]
                                 land a recorded Avro file in an empty table, its times shifted so that the
                                 newest event lies at MS (epoch ms; default: a minute ago)
  weir pubsub setup [--dry-run] [--topic FEED=TOPIC]
                                 create the topics and subscriptions that WEIR_PUBSUB_SUBSCRIPTIONS names, with the
                                 recommended settings; what exists is left as it is
`;

/** Resolves with the exit code. @throws UsageError for a verb that does not exist */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case "serve":
      return (await import("./serve")).serve(rest);
    case "publish":
      return (await import("./publish")).publish(rest);
    case "run":
      return (await import("./run")).run(rest);
    case "tail":
      return (await import("./tail")).tail(rest);
    case "lake":
      return (await import("./lake")).lake(rest);
    case "replay":
      return (await import("./replay")).replay(rest);
    case "pubsub":
      return (await import("./pubsub")).pubsub(rest);
    case undefined:
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return 0;
    default:
      throw new UsageError(`weir has no command ${JSON.stringify(verb)}.\n\n${USAGE}`);
  }
}
