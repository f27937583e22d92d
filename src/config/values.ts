/** What the values of settings may be, and the sentence for one that may not. */
import { resolve } from "node:path";
import { z } from "zod";
import type { LakeAddress } from "../lake/storage/lake-place";
import { parseSparkUrl, SparkAddressError, type SparkAddress } from "../lake/spark/spark-url";

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;

/** In ms. */
export const duration = z
  .string()
  .regex(/^\d{1,6}[smhd]$/, 'must be a duration such as "10m"')
  .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]);

export const bytes = z
  .string()
  .regex(/^\d{1,12}([kmg](i?b)?)?$/i, 'must be a number of bytes such as "1073741824" or "1GiB"')
  .transform((text) => {
    const [, count, unit] = /^(\d+)([kmg]?)/i.exec(text)!;
    return Number(count) * BYTES[unit!.toLowerCase() as keyof typeof BYTES];
  });

export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`);

export const origin = z
  .url({ protocol: /^https?$/, message: "must be an address such as https://weir.example.org" })
  .transform((text) => new URL(text).origin);

/** What is the same name to Weir, to Spark and in a pattern of files. */
const FOLDER_IN_BUCKET = /^(?!\.{1,2}$)[\w.=-]+$/;

/** What a `file:` or `gs:` address names. Spark prints one slash after `file:`, browsers three; both are meant. */
export function lakeAddress(text: string, context: z.RefinementCtx): LakeAddress {
  const path = /^file:(?:\/\/)?(\/[^/].*)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "disk", path: resolve(decodeURI(path)) };
  const [, bucket, named = ""] = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])\/(.+?)\/?$/.exec(text) ?? [];
  if (bucket !== undefined && named.split("/").every((folder) => FOLDER_IN_BUCKET.test(folder))) {
    return { kind: "google-bucket", bucket, folder: named, endpoint: null };
  }
  context.addIssue(
    "must be a folder that this process reaches as well: file:/srv/lake, or gs://bucket/lake (letters, digits, -, _, . and =)",
  );
  return z.NEVER;
}

export function sparkAddress(text: string, context: z.RefinementCtx): SparkAddress {
  try {
    return parseSparkUrl(text);
  } catch (error) {
    if (!(error instanceof SparkAddressError)) throw error;
    context.addIssue(error.message);
    return z.NEVER;
  }
}

/** Without a secret of the provider's nobody checks who answers: plain http is for this machine alone. */
export const guardedUrl = z
  .url({ protocol: /^https?$/, message: "must be an address such as https://accounts.example.org", abort: true })
  .refine(
    (text) => new URL(text).protocol === "https:" || isLoopback(new URL(text).hostname.replace(/^\[(.*)\]$/, "$1")),
    "must begin with https://",
  );

export const databaseUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, hostname, searchParams } = new URL(text);
  // A socket file is named by `?host=/run/postgresql`.
  return /^postgres(ql)?:$/.test(protocol) && pathname.length > 1 && (hostname !== "" || searchParams.has("host"));
}, "must be an address such as postgres://user:password@host:5432/database");

export const flag = z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1");

export const subscriptions = z.string().transform((text, context) => {
  const pairs = text.split(",").map((item) => /^\s*([^=\s]+)\s*=\s*([^=\s]+)\s*$/.exec(item));
  const isUnique = (group: 1 | 2) => new Set(pairs.map((pair) => pair?.[group])).size === pairs.length;
  if (pairs.every((pair) => pair !== null && SUBSCRIPTION.test(pair[2]!)) && isUnique(1) && isUnique(2))
    return pairs.map((pair) => ({ feed: pair![1]!, subscription: pair![2]! }));
  context.addIssue({
    code: "custom",
    message: 'must be a list such as "pipeline_events=weir-pipeline-events", each feed and each subscription once',
  });
  return z.NEVER;
});
const SUBSCRIPTION = /^(projects\/[^/]+\/subscriptions\/)?[A-Za-z][\w.~+%-]{2,254}$/;
