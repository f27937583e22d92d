/** Who may push, over HTTP: with an audience a signed token and nothing else; the server's secret stays for everything else. */
import { expect, test } from "vitest";
import { pipelineEvent } from "../support/pipeline-event";
import { runningWeir } from "../support/weir";

const SECRET = "correct horse battery";
const weir = runningWeir(() =>
  Promise.resolve({ WEIR_SECRET: SECRET, WEIR_PUBSUB_PUSH_AUDIENCE: "https://weir.example.org" }),
);

const event = pipelineEvent({ eventId: "a", eventTimestamp: Date.now() });
const data = Buffer.from(JSON.stringify(event)).toString("base64");

async function push(authorization: string | null): Promise<{ status: number; detail: string }> {
  const answer = await fetch(weir.url("/api/v1/pubsub/push/pipeline_events"), {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization !== null && { authorization }) },
    body: JSON.stringify({ message: { data, messageId: "1" } }),
  });
  const { detail } = (await answer.json()) as { detail: string };
  return { status: answer.status, detail };
}

test("a push without a token is refused, and told what to turn on", async () => {
  expect(await push(null)).toEqual({
    status: 401,
    detail: "A push carries a token: turn on authentication of the push subscription.",
  });
});

test("other calls need the secret as ever", async () => {
  const events = weir.url("/api/v1/feeds/pipeline_events/events");
  const post = (headers: Record<string, string>) =>
    fetch(events, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(event),
    });
  expect((await post({})).status).toBe(401);
  expect((await post({ authorization: `Bearer ${SECRET}` })).status).toBe(202);
});
