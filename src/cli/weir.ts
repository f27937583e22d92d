/** The `weir` command. Runs when it is loaded: nothing imports it. */
import { ConfigurationError } from "../config/configuration-error";
import { AppError } from "../model/app-error";
import { runCommand } from "./commands";
import { UsageError } from "./usage";

/** Errors that the person at the terminal can mend are sentences; anything else keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof ConfigurationError || error instanceof AppError)
    return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

runCommand(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${explain(error)}\n`);
    // Not to be taken for a job's own failure.
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
