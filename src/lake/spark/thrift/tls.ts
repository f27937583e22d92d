/** How a server is believed to be the one that was meant. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { SparkAddress } from "../spark-url";
import { unavailable } from "./faults";

/** @throws AppError engine-unavailable when the file of the authority cannot be read */
export function tlsOptions({ host, serverName, caFile }: SparkAddress) {
  const name = serverName ?? (isIP(host) === 0 ? host : null); // an address is no name that TLS could ask for
  return {
    rejectUnauthorized: true,
    minVersion: "TLSv1.2" as const,
    ...(name === null ? {} : { servername: name }),
    ...(caFile === null ? {} : { ca: read(caFile) }),
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unavailable(`${JSON.stringify(file)}, the authority of Spark's certificate, cannot be read.`, error);
  }
}
