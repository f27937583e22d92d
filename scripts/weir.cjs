#!/usr/bin/env node
/**
 * The `weir` command: `npx weir serve`, … CommonJS for one reason: Node starts its thread pool while it loads the first
 * module, and its size cannot be changed afterwards. Queries, fsync and compression share that pool; with the usual four
 * threads, four running queries would hold up every page and every acknowledgement.
 */
process.env.UV_THREADPOOL_SIZE ??= "8";
import("./weir.mjs");
