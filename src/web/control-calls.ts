/** Calls of the control plane: from a request to a verb and back. What a verb throws becomes a problem in routes/plugin.ts. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../app";
import type { ControlContext } from "../control/context";
import { AppError } from "../model/app-error";
import { controlContext } from "./actor";
import { readSmall } from "./form";
import { incomingBody } from "./ingest-calls";
import { onlyParameters } from "./parameters";

/** Answers with what the verb returns, as JSON; 204 when that is nothing. It takes no query parameters. */
export async function controlCall(
  app: App,
  ev: RequestEventCommon,
  verb: (ctx: ControlContext) => Promise<unknown>,
  status = 200,
): Promise<void> {
  onlyParameters(ev.query, []);
  const answer = await verb(controlContext(app, ev));
  ev.headers.set("Cache-Control", "no-store");
  if (answer === undefined) ev.send(204, "");
  else ev.json(status, answer);
}

/** The same for a verb with an input, which is the body. */
export async function controlCallWithBody(
  app: App,
  ev: RequestEventCommon,
  verb: (ctx: ControlContext, input: unknown) => Promise<unknown>,
  { status = 200, maxBytes }: { status?: number; maxBytes?: number } = {},
): Promise<void> {
  await controlCall(app, ev, async (ctx) => verb(ctx, await readJson(ev, maxBytes)), status);
}

/** @throws AppError unsupported-type, too-large, bad-body */
async function readJson(ev: RequestEventCommon, maxBytes?: number): Promise<unknown> {
  const { contentType, contentEncoding, body } = incomingBody(ev);
  if (!/^application\/json\s*(;|$)/i.test(contentType ?? "") || contentEncoding !== null)
    throw new AppError("unsupported-type", "Send JSON with Content-Type: application/json, without Content-Encoding.");
  const text = await readSmall(body, maxBytes);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError("bad-body", `The body is no JSON: ${(error as Error).message}.`, {}, { cause: error });
  }
}
