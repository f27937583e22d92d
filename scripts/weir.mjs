#!/usr/bin/env node
/**
 * The `weir` command: `npx weir serve`, `npx weir tail`, … The command line itself is `src/cli`; it runs in this very
 * process, so that signals, exit codes and standard input need no passing on.
 */
import { pathToFileURL } from "node:url";
import { serverEntry } from "./paths.mjs";
import { prepare } from "./prepare.mjs";

await prepare();
process.argv[1] = serverEntry;
await import(pathToFileURL(serverEntry).href);
