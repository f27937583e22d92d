/** Packages the app for its own Node server: the handlers of Qwik City and the `weir` command, one build, shared chunks. */
import { nodeServerAdapter } from "@builder.io/qwik-city/adapters/node-server/vite";
import { extendConfig } from "@builder.io/qwik-city/vite";
import baseConfig from "../../vite.config";

export default extendConfig(baseConfig, () => ({
  build: {
    ssr: true,
    rollupOptions: {
      input: ["src/entry.node-server.tsx", "@qwik-city-plan", "src/cli/weir.ts"],
    },
  },
  plugins: [nodeServerAdapter({ name: "node-server" })],
}));
