/** Publishes pipeline events with the client: `WEIR_URL=… WEIR_TOKEN=… node typescript.mjs [CORRELATION_ID]`, once compiled. */
import { randomUUID } from "node:crypto";
import { createPublisher } from "weir/publisher";

const { WEIR_URL: url = "http://127.0.0.1:3000", WEIR_TOKEN: token, WEIR_SPOOL: spool = ".weir-spool" } = process.env;
const correlationId = process.argv[2] ?? `nightly-${new Date().toISOString().slice(0, 10)}`;

const publisher = await createPublisher({
  url,
  ...(token !== undefined && { token }),
  feed: "pipeline_events",
  spool,
  onNotice: (notice) => console.warn(notice),
});

const eventTimestamp = Date.now();
const event = { eventId: randomUUID(), correlationId, pipelineName: "orders", stageName: "load", eventTimestamp };

// Not awaited: it is sent beside the work, and the work does not depend on it.
void publisher.publish({ ...event, status: "STARTED", lastUpdatedAt: eventTimestamp });
const processedRecordCount = 1200;
const outcome = await publisher.publish({
  ...event,
  status: "COMPLETED",
  lastUpdatedAt: Math.max(Date.now(), eventTimestamp + 1),
  processedRecordCount,
});

switch (outcome.state) {
  case "acknowledged":
    console.log("the server has it on disk");
    break;
  case "spooled":
    console.log(`kept on this machine, sent when the server is back (${outcome.reason})`);
    break;
  case "rejected":
    console.log(`not taken: ${outcome.field ?? "the event"} ${outcome.reason}`);
    break;
  case "lost":
    console.log(`neither taken nor kept: ${outcome.reason}`);
    break;
}
await publisher.close();
