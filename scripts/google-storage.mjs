/**
 * A server with the API of Google Cloud Storage on this machine, for tests and for trying out a lake in a bucket: fake-gcs-server
 * behind a small Go program (tests/gcs-server). `node scripts/google-storage.mjs [port]` runs it by itself.
 */
import { pathToFileURL } from "node:url";
import { goServer } from "./go-server.mjs";

const server = goServer({ name: "gcs-server", title: "server of Google Cloud Storage" });

/** @type {typeof import("./google-storage.d.mts").startGoogleStorage} */
export async function startGoogleStorage(options) {
  const { address, stop } = await server.start(options);
  return { endpoint: address, stop };
}

/** @type {typeof import("./google-storage.d.mts").buildGoogleStorage} */
export const buildGoogleStorage = server.build;

async function main([port = "8686"]) {
  const { endpoint, stop } = await startGoogleStorage({ port: Number(port) });
  console.log(`WEIR_GCS_ENDPOINT=${endpoint} WEIR_LAKE_URL=gs://weir/lake`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop());
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2));
