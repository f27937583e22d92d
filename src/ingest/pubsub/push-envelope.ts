/** What a Pub/Sub push subscription delivers: an envelope of JSON around one message. */
import { z } from "zod";
import { AppError } from "../../model/app-error";
import type { Delivery } from "./decode-message";

const envelope = z.object({
  message: z.object({
    data: z.string().optional(),
    attributes: z.record(z.string(), z.string()).nullish(),
    messageId: z.string().optional(),
  }),
});

const MAX_ID_CHARS = 100;

/** @throws AppError bad-body when it is no delivery: nothing that Pub/Sub sends, so nobody sends it again */
export function readDelivery(body: Buffer): Delivery {
  const parsed = envelope.safeParse(parseJsonBody(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new AppError(
      "bad-body",
      `The body is no Pub/Sub delivery: ${issue.path.join(".") || "the body"}: ${issue.message}.`,
    );
  }
  const { data = "", attributes, messageId = "" } = parsed.data.message;
  return { data: Buffer.from(data, "base64"), attributes: attributes ?? {}, messageId: idWord(messageId) };
}

/** The id of a message as one bounded word, for a list of dead letters. */
// eslint-disable-next-line no-control-regex -- they are what is taken out
export const idWord = (id: string): string => id.slice(0, MAX_ID_CHARS).replace(/[\u0000-\u001f\u007f]/g, "");

function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new AppError("bad-body", `The body is not JSON: ${(error as Error).message}.`, {}, { cause: error });
  }
}
