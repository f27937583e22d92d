/** What a store that is away, forbidden or half broken makes of a call. What it should do is in tests/contract/storage-contract.ts. */
import { CRC32C } from "@google-cloud/storage";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { AppError } from "../../model/app-error";
import { googleBucket } from "./google-bucket";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json =
  (status: number, body: object): Answer =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
const refusal = (status: number, message: string) => json(status, { error: { code: status, message } });

/** @param answers one per request in turn, the last of them from then on */
async function bucketOn(...answers: Answer[]) {
  const seen: { url: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({ url: request.url!, body: Buffer.concat(chunks).toString("latin1") });
      answers[Math.min(seen.length, answers.length) - 1]!(request, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => new Promise((closed) => (server.closeAllConnections(), server.close(closed)));
  onTestFinished(async () => void (await close()));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return { bucket: googleBucket({ name: "lake", endpoint, requestMs: 200, callMs: 10_000 }), seen, close, endpoint };
}

const faultOf = async (call: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await call.catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe("engine-unavailable");
  return error as AppError;
};

it("says which role is missing when it is not allowed in", async () => {
  const { bucket } = await bucketOn(refusal(403, "weir@example does not have storage.objects.list access"));
  const { message, details } = await faultOf(bucket.level("a/"));
  expect(message).toMatch(
    /^gs:\/\/lake did not let Weir list a\/: it answered 403 \(weir@example does not have .*storage\.objectAdmin/,
  );
  expect(details.retryAfterMs).toBeGreaterThan(0);
});

it("tells a bucket that is missing from an object that is", async () => {
  const missing = await bucketOn(refusal(404, "The specified bucket does not exist."));
  const { bucket: none } = missing;
  const calls = [
    () => none.stat("a"),
    () => none.read("a"),
    () => none.level(""),
    () => none.write("a", Buffer.of(1)),
    () => none.create("a", Buffer.of(1)),
    () => none.copy("a", "b"),
    () => none.remove("a"),
  ];
  for (const call of calls) expect((await faultOf(call())).message).toContain("there is no bucket gs://lake");
  const { bucket } = await bucketOn(refusal(404, "No such object: lake/a"));
  expect(await bucket.stat("a")).toBeNull();
  expect(await bucket.read("a")).toBeNull();
  expect(await bucket.copy("a", "b")).toBe(false);
  await bucket.remove("a");
});

it("says that a store cannot be reached", async () => {
  const { bucket, close } = await bucketOn(json(200, {}));
  await close();
  expect((await faultOf(bucket.stat("a"))).message).toContain("ECONNREFUSED");
});

it("asks again when the store stumbles", async () => {
  const { bucket, seen } = await bucketOn(refusal(503, "try later"), json(200, { name: "a", size: "5", timeCreated: "2026-11-21T09:00:00Z" })); // prettier-ignore
  expect(await bucket.stat("a")).toEqual({ key: "a", bytes: 5, modifiedAt: Date.UTC(2026, 10, 21, 9) });
  expect(seen).toHaveLength(2);
});

it("knows an object that it created by a try whose answer was lost for its own, and another's not", async () => {
  let made = "";
  const lost: Answer = (_, response) => void response.destroy();
  const described: Answer = (_, response) => json(200, { name: "a", metadata: { "weir-made-by": made } })(_, response);
  const { bucket, seen } = await bucketOn(lost, refusal(412, "conditionNotMet"), (request, response) => {
    made = /"weir-made-by":"([^"]+)"/.exec(seen[0]!.body)![1]!;
    described(request, response);
  });
  expect(await bucket.create("a", Buffer.from("x"))).toBe(true);
  expect(seen[0]!.url).toContain("ifGenerationMatch=0");
  const other = await bucketOn(refusal(412, "conditionNotMet"), json(200, { name: "a", metadata: { "weir-made-by": "another" } })); // prettier-ignore
  expect(await other.bucket.create("a", Buffer.from("x"))).toBe(false);
});

it("makes an object whose predecessor was taken away while it was asked whose that was", async () => {
  const bytes = Buffer.from("x");
  const crc32c = new CRC32C();
  crc32c.update(bytes);
  const stored = json(200, { name: "a", crc32c: crc32c.toString() });
  const { bucket } = await bucketOn(refusal(412, "conditionNotMet"), refusal(404, "No such object: lake/a"), stored);
  expect(await bucket.create("a", bytes)).toBe(true);
});

it("gives a store up that does not answer, or stops in the middle of an object", async () => {
  const silent: Answer = () => undefined;
  const halfway: Answer = (_, response) => void response.writeHead(200, { "content-length": "100" }).write("half");
  for (const answer of [silent, halfway]) {
    const { endpoint } = await bucketOn(answer);
    const bucket = googleBucket({ name: "lake", endpoint, requestMs: 100, callMs: 300 });
    expect((await faultOf(bucket.read("a"))).message).toContain("no answer within 300 ms");
    expect((await faultOf(bucket.remove("a"))).message).toContain("no answer within 300 ms");
    expect((await faultOf(bucket.write("a", Buffer.of(1)))).message).toMatch(/no answer within|timeout/);
  }
});

it("says what is wrong with the credentials that it was given", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/key.json"); // the client reads it by itself
  onTestFinished(() => void vi.unstubAllEnvs());
  const bucket = googleBucket({ name: "lake", endpoint: "https://127.0.0.1:9" });
  expect((await faultOf(bucket.stat("a"))).message).toContain("/no/such/key.json");
});
