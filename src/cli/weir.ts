/** The `weir` command: one file per verb, this one chooses. */
import { pathToFileURL } from "node:url";
import { realpathSync } from "node:fs";
import { ConfigurationError } from "../config";
import { AppError } from "../model/app-error";
import { UsageError } from "./usage";

const USAGE = `weir: instant-on observability for data pipelines

  weir serve                     serve pages and API; settings come from WEIR_* (README)
  weir replay --feed NAME --recording FILE [--ending MS]
                                 land a recorded Avro file in an empty table, its times shifted so that the
                                 newest event lies at MS (epoch ms; default: a minute ago)
`;

export async function main(args: readonly string[]): Promise<number> {
  const [verb, ...rest] = args;
  switch (verb) {
    case "serve":
      return (await import("./serve")).serve(rest);
    case "replay":
      return (await import("./replay")).replay(rest);
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

/** Errors that the person at the terminal can mend are sentences; anything else keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigurationError || error instanceof AppError)
    return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const invoked = process.argv[1];
if (invoked !== undefined && import.meta.url === pathToFileURL(realpathSync(invoked)).href) {
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${explain(error)}\n`);
      process.exit(1);
    },
  );
}
