/** A bucket of its own for one test, on a real server with the API of Google Cloud Storage. */
import { randomUUID } from "node:crypto";
import { Storage as GoogleStorage } from "@google-cloud/storage";
import { onTestFinished, type TestContext } from "vitest";
import { startGoogleStorage } from "../../scripts/google-storage.mjs";
import { orSkip } from "./or-skip";

export interface TestBucket {
  name: string;
  endpoint: string;
}

/** Ends the test where there is no Go, except in CI, where it must be. */
export async function googleStorage(context: TestContext): Promise<string> {
  const { endpoint, stop } = await orSkip(context, "lakes in buckets", startGoogleStorage);
  onTestFinished(stop);
  return endpoint;
}

export async function makeBucket(endpoint: string): Promise<TestBucket> {
  const name = `weir-${randomUUID()}`;
  await new GoogleStorage({ apiEndpoint: endpoint, projectId: "local" }).createBucket(name);
  return { name, endpoint };
}
