/** Publishes containers to a Pub/Sub topic, as pipelines do in production: a message is a container file. */
import { PubSub } from "@google-cloud/pubsub";

export class PubsubTransport {
  #client;
  #topic;

  /** @param {{ project: string, topic: string, host: string }} where host: address of the Pub/Sub server on this machine */
  constructor({ project, topic, host }) {
    this.#client = new PubSub({ projectId: project, apiEndpoint: host, emulatorMode: true });
    this.#topic = this.#client.topic(topic, { batching: { maxMilliseconds: 10 }, gaxOpts: { timeout: 10_000 } });
  }

  /** @param {Buffer} container @returns {Promise<import("./api.mjs").Answer>} what Pub/Sub has taken it keeps until it is staged */
  async postContainer(container) {
    try {
      await this.#topic.publishMessage({ data: container, attributes: { "content-type": "application/avro" } });
      return { kind: "accepted", rejected: [] };
    } catch {
      // Whether it was taken is unknown, so it is published again; messages equal in every field are one version.
      return { kind: "away", afterMs: 0 };
    }
  }

  async stop() {
    await this.#client.close();
  }
}
