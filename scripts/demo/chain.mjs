/**
 * The parts of the production chain that the demo starts when it is asked to: a Spark Thrift Server that owns the tables and
 * a Pub/Sub server that carries the events. Each tells the server of the demo where it is through its environment.
 */
import { mkdirSync } from "node:fs";
import { serverEntry } from "../paths.mjs";
import { runNode } from "../processes.mjs";
import { PubsubTransport } from "./pubsub-transport.mjs";

const PROJECT = "weir-demo";
const SUBSCRIPTION = "weir-pipeline-events";
const TOPIC = "pipeline-events";

/**
 * @typedef {object} Chain
 * @property {Record<string, string>} env of the server
 * @property {PubsubTransport | null} transport what carries events to the server; null = its own HTTP interface
 * @property {() => Promise<void>} stop in order, the last one first
 */

/**
 * @param {{ spark: boolean, pubsub: boolean, workDir: string, tell(line: string): void }} wanted
 * @returns {Promise<Chain>}
 * @throws {Error} a sentence when Java, Maven or Go is missing
 */
export async function startChain({ spark, pubsub, workDir, tell }) {
  mkdirSync(workDir, { recursive: true });
  const running = [];
  const chain = { env: {}, transport: null, stop: async () => {} };
  chain.stop = async () => {
    for (const part of running.splice(0).reverse()) await part.stop();
  };
  try {
    if (spark) {
      tell("Starting a Spark Thrift Server (the first time this downloads about 330 MB) …");
      running.push(await startSpark(chain, workDir, tell));
    }
    if (pubsub) {
      tell("Starting a Pub/Sub server (the first time it is built) …");
      running.push(...(await startPubsub(chain)));
    }
    return chain;
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

async function startSpark(chain, workDir, tell) {
  const { startSpark: start, missingForSpark } = await import("../spark/start.mjs");
  const missing = missingForSpark();
  if (missing !== null) throw new Error(missing);
  const server = await start({ logFile: `${workDir}/spark.log` });
  Object.assign(chain.env, { WEIR_ENGINE: "spark", WEIR_SPARK_URL: server.url });
  tell(`Spark is at ${server.url}`);
  return server;
}

async function startPubsub(chain) {
  const { startPubsub: start } = await import("../pubsub.mjs");
  const server = await start();
  const env = {
    PUBSUB_EMULATOR_HOST: server.host,
    METADATA_SERVER_DETECTION: "none",
    WEIR_PUBSUB_PROJECT: PROJECT,
    WEIR_PUBSUB_SUBSCRIPTIONS: `pipeline_events=${SUBSCRIPTION}`,
  };
  const { code, output } = await runNode([serverEntry, "pubsub", "setup", "--topic", `pipeline_events=${TOPIC}`], {
    quiet: true,
    env,
  });
  if (code !== 0) {
    await server.stop();
    throw new Error(`The subscription could not be made:\n${output}`);
  }
  Object.assign(chain.env, env);
  chain.transport = new PubsubTransport({ project: PROJECT, topic: TOPIC, host: server.host });
  return [server, chain.transport];
}
