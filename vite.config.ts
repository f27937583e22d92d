import { fileURLToPath } from "node:url";
import { qwikCity } from "@builder.io/qwik-city/vite";
import { qwikVite } from "@builder.io/qwik/optimizer";
import { defineConfig, type Plugin } from "vite";

const src = fileURLToPath(new URL("./src", import.meta.url));

/** Folders and files of src whose code must never reach a browser. */
const SERVER_ONLY = /^\/(ingest|lake|live|control|cli)\/|^\/(app|app-instance|config|log|metrics)\.tsx?$/;

/**
 * Fails the browser's build when a chunk holds server code. It judges what would really be shipped, after tree shaking: an
 * import that only a loader uses is dropped by the optimizer and does no harm.
 */
function noServerCodeInBrowser(): Plugin {
  return {
    name: "no-server-code-in-browser",
    applyToEnvironment: (environment) => environment.name === "client",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const [id, module] of Object.entries(chunk.modules)) {
          const place = id.startsWith(src) ? id.slice(src.length).split("?")[0]! : "";
          if (SERVER_ONLY.test(place) && module.renderedLength > 0)
            this.error(
              `src${place} would be sent to browsers in ${chunk.fileName}. Use it in a loader, an action or server$ only.`,
            );
        }
      }
    },
  };
}

export default defineConfig(() => ({
  plugins: [
    qwikCity({ trailingSlash: false }),
    qwikVite({ experimental: ["enableRequestRewrite"] }),
    noServerCodeInBrowser(),
  ],
  resolve: { alias: { "~": src } },
  server: { host: "127.0.0.1" },
}));
