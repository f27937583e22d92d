/** Where things lie in the checkout, whatever the current directory is. */
import { fileURLToPath } from "node:url";
import path from "node:path";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {...string} parts relative to the checkout */
export const inRoot = (...parts) => path.join(root, ...parts);

/** The entry file of a tool's command, to be run with this same Node. @param {string} file inside node_modules */
export const tool = (file) => inRoot("node_modules", ...file.split("/"));

export const tools = {
  vite: tool("vite/bin/vite.js"),
  vitest: tool("vitest/vitest.mjs"),
  tsc: tool("typescript/bin/tsc"),
  prettier: tool("prettier/bin/prettier.cjs"),
  playwright: tool("playwright/cli.js"),
};

export const serverEntry = inRoot("server", "weir.js");
