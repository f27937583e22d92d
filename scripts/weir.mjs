/**
 * What stands behind weir.cjs: installs and builds what is missing, then runs the command line of `src/cli` in this very
 * process, so that signals, exit codes and standard input need no passing on.
 */
import { pathToFileURL } from "node:url";
import { serverEntry } from "./paths.mjs";
import { prepare } from "./prepare.mjs";

await prepare();
process.argv[1] = serverEntry;
await import(pathToFileURL(serverEntry).href);
