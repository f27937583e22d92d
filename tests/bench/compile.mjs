/**
 * The benches are TypeScript and share support code with the tests; this compiles them into a folder under `tmp/` and runs
 * one. Processes that a bench starts (clients, data generation) are files of the same folder.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { inRoot, root } from "../../scripts/paths.mjs";

/** @param {string} name file of this folder without its suffix */
export async function runBench(name) {
  const folder = inRoot("tmp", "bench", String(process.pid));
  mkdirSync(folder, { recursive: true });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(128));
  await compile(folder);
  const { main } = await import(pathToFileURL(path.join(folder, `${name}.mjs`)).href);
  process.exitCode = await main(process.argv.slice(2));
}

async function compile(folder) {
  const here = inRoot("tests", "bench");
  const entries = readdirSync(here).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    publicDir: false,
    resolve: { alias: { "~": inRoot("src") } },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: true,
      minify: false,
      sourcemap: "inline",
      target: "node20",
      rollupOptions: {
        input: Object.fromEntries(entries.map((file) => [file.slice(0, -3), path.join(here, file)])),
        output: { entryFileNames: "[name].mjs", chunkFileNames: "chunks/[name]-[hash].mjs" },
      },
    },
  });
}
