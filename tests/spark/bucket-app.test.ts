/** The whole program with its lake in a bucket: what was acknowledged outlives the machine (invariant 1). */
import { randomUUID } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { STAGING_FOLDER } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import { rowsOf } from "../bench/embedded-lake";
import { feedInfo, getJson, postJson } from "../support/api-client";
import { copyMadeDatabase, NODE_ARGS } from "../support/begin-with";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { pipelineFeed } from "../support/pipeline-feed";
import { ServerProcess } from "../support/server-process";
import { noBuckets, sparkAddress, sparkGoogleStorage } from "../support/spark";
import { stageFile } from "../support/staged-file";
import { temporaryFolder } from "../support/temporary-folder";
import { makeBucket } from "../support/test-bucket";
import { until } from "../support/until";

/** What the embedded engine acknowledged here and had not committed when it ended. */
async function leaveStaged(dataDir: string, event: PipelineEvent): Promise<void> {
  const place = { storage: localStorage(dataDir), folder: "." };
  await stageFile(place, pipelineFeed, "20261121090000000", rowsOf(pipelineFeed, [event]));
  await rename(join(dataDir, STAGING_FOLDER), join(dataDir, "staging"));
}

describe.skipIf(noBuckets)("Weir with its lake in a bucket", () => {
  it("shows on another machine, with nothing of the first, what that one acknowledged on either engine before it was killed", async () => {
    const bucket = await makeBucket(sparkGoogleStorage());
    const { host, port } = sparkAddress();
    const env = {
      WEIR_ENGINE: "spark",
      WEIR_SPARK_URL: `hive2://${host}:${port}/bucket_app_${randomUUID().slice(0, 8)}`,
      WEIR_LAKE_URL: `gs://${bucket.name}/lake`,
      WEIR_GCS_ENDPOINT: bucket.endpoint,
    };
    const machine = async (dataDir: string): Promise<ServerProcess> => {
      await copyMadeDatabase(dataDir);
      const server = await ServerProcess.start({ dataDir, env, nodeArgs: NODE_ARGS });
      onTestFinished(async () => void (await server.stop()));
      return server;
    };
    const event = (eventId: string) => pipelineEvent({ eventId, eventTimestamp: Date.now() - 60_000 });

    const dataDir = join(await temporaryFolder(), "data");
    await leaveStaged(dataDir, event("e-0"));
    const first = await machine(dataDir);
    const bad = { ...event("e-3"), lastUpdatedAt: 1_700_000_000 }; // looks like seconds
    expect(await postJson(first.address, [event("e-1"), event("e-2"), bad])).toMatchObject({ accepted: 2 });
    await first.kill();

    const second = await machine(join(await temporaryFolder(), "data"));
    await until("their commit", async () => (await feedInfo(second.address)).rows === 3, 60_000);
    const { rows } = await getJson<{ rows: { eventId: string }[] }>(second.address, "/api/v1/feeds/pipeline_events/rows"); // prettier-ignore
    expect(rows.map(({ eventId }) => eventId).sort()).toEqual(["e-0", "e-1", "e-2"]);
    expect((await feedInfo(second.address)).deadLetters).toBe(1);
  });
});
