/** Inputs of verbs: what comes from forms and calls is checked here, with a sentence that names the field. */
import { z } from "zod";
import { AppError } from "../model/app-error";

/** @throws AppError bad-parameter, bad-body when the input is no object */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  if (path.length === 0) throw new AppError("bad-body", `The input is not understood: ${message}.`);
  const parameter = path.join(".");
  const given = valueAt(input, path);
  const shown = given === undefined ? "" : ` (it is ${(JSON.stringify(given) ?? typeof given).slice(0, 200)})`;
  throw new AppError("bad-parameter", `${parameter}: ${message}${shown}.`, { parameter });
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);

/** What people type on one line: trimmed, not empty, without control characters (which Postgres, logs and pages dislike). */
export const lineOfText = (max: number) =>
  z
    .string("must be text")
    .trim()
    .min(1, "must not be empty")
    .max(max, `must have at most ${max} characters`)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not have control characters or halves of characters");

/** Ids of ours and of others: opaque, and bounded. */
export const idText = z.string().regex(/^[\w:.-]{1,200}$/, "must be an id");

/** What people write in a few lines: trimmed, not empty, with line breaks and tabs and no other control characters. */
export const linesOfText = (max: number) =>
  z
    .string("must be text")
    .transform((text) => text.replaceAll("\r\n", "\n").trim())
    .pipe(
      z
        .string()
        .min(1, "must not be empty")
        .max(max, `must have at most ${max} characters`)
        .regex(
          /^[^\p{Cs}\p{Cc}]*(?:[\n\t][^\p{Cs}\p{Cc}]*)*$/u,
          "must not have control characters other than line breaks",
        ),
    );

/** A name that publishers chose: whatever it is, it is not changed, only what Postgres cannot keep is refused. */
export const publishedName = z
  .string("must be text")
  .min(1, "must not be empty")
  .max(500, "must have at most 500 characters")
  .regex(/^[^\0\p{Cs}]*$/u, "must not have NUL or halves of characters");

/** Text of publishers without what Postgres keeps in neither text nor JSON. */
export const keepable = (text: string): string => text.replaceAll("\0", "").replace(/\p{Cs}/gu, "\uFFFD");
