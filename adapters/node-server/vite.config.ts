/** Packages the app for its own Node server: the handlers of Qwik City and the `weir` command, one build, shared chunks. */
import { nodeServerAdapter } from "@builder.io/qwik-city/adapters/node-server/vite";
import { extendConfig } from "@builder.io/qwik-city/vite";
import type { Plugin } from "vite";
import baseConfig from "../../vite.config";

/**
 * Packages that become part of the build: a start reads a few files instead of many hundreds, which is most of its time. What
 * looks for files or native code beside its own stays where npm has put it.
 */
const BUNDLED = [
  "@duckdb/node-api",
  "cockatiel",
  "csv-stringify",
  "drizzle-orm",
  "eventsource-parser",
  "is-network-error",
  "jose",
  "lossless-json",
  "p-retry",
  "p-timeout",
  // With what it measures and tells by.
  "prom-client",
  "@opentelemetry/api",
  "bintrees",
  "tdigest",
];

const FETCH_OF_NODE = "\0fetch-of-node";

/** Qwik City brings `fetch` and its kin to a Node that lacks them, which is none of ours: a package of a hundred files. */
function fetchOfNode(): Plugin {
  return {
    name: "fetch-of-node",
    enforce: "pre",
    resolveId: (id, importer) =>
      id === "undici" && importer?.includes("/@builder.io/qwik-city/") === true ? FETCH_OF_NODE : null,
    load: (id) =>
      id === FETCH_OF_NODE ? "export const { fetch, Headers, Request, Response, FormData } = globalThis;" : null,
  };
}

export default extendConfig(baseConfig, () => ({
  build: {
    ssr: true,
    rollupOptions: {
      input: ["src/entry.node-server.tsx", "@qwik-city-plan", "src/cli/weir.ts"],
    },
  },
  ssr: { noExternal: BUNDLED },
  plugins: [fetchOfNode(), nodeServerAdapter({ name: "node-server" })],
}));
