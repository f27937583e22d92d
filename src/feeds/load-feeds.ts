/** The feeds that a folder of Avro schemas declares: a new `.avsc` file is a new feed. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../model/app-error";
import type { Feed } from "../model/feed";
import { feedFromSchema } from "../model/feed-from-schema";
import { compareText } from "../model/value";

/**
 * Reads every `*.avsc` file of a folder, in the order of the feeds' names.
 *
 * @throws AppError bad-parameter with the file at fault and what is wrong with it
 */
export async function loadFeeds(folder: string): Promise<Feed[]> {
  const files = (await listFolder(folder)).filter((name) => name.endsWith(".avsc")).sort(compareText);
  if (files.length === 0) throw refuse(`${folder} holds no .avsc file; put the Avro schema of a feed there.`);
  const declaredIn = new Map<string, string>();
  const feeds: Feed[] = [];
  for (const file of files) {
    const feed = readFeed(await readFile(join(folder, file), "utf8"), file);
    const other = declaredIn.get(feed.name);
    if (other !== undefined)
      throw refuse(`${file} and ${other} both declare the feed ${feed.name}; rename one of them.`);
    declaredIn.set(feed.name, file);
    feeds.push(feed);
  }
  return feeds.sort((a, b) => compareText(a.name, b.name));
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw refuse(`The folder of schemas ${folder} cannot be read (${(error as Error).message}).`, error);
  }
}

function readFeed(text: string, file: string): Feed {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    throw refuse(`${file} is not JSON: ${(error as Error).message}.`, error);
  }
  try {
    return feedFromSchema(schema, schemaHash);
  } catch (error) {
    if (!(error instanceof AppError)) throw refuse(`${file} is no Avro schema: ${(error as Error).message}.`, error);
    throw refuse(`${file}: ${error.message}`, error);
  }
}

/** Hash of what a row of a feed holds: long enough to tell the schemas of one deployment apart. */
export const schemaHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

const refuse = (message: string, cause?: unknown) => new AppError("bad-parameter", message, {}, { cause });
