/** Names of base files: `<fileId>_<writeToken>_<instant>.parquet`. */
import { randomBytes } from "node:crypto";
import { timeOf, type Instant } from "../../model/instant";

const BASE_FILE = /^([a-zA-Z0-9-]+)_([a-zA-Z0-9-]+)_(\d{14}|\d{17})\.parquet$/;
/** One task writes a file group of an instant, so every file has the same token. */
const WRITE_TOKEN = "0-0-0";

export interface BaseFileName {
  fileId: string;
  instant: Instant;
}

/** Null for names that are no base file (temporary files, log files of merge-on-read tables, sidecars). */
export function parseBaseFile(name: string): BaseFileName | null {
  const match = BASE_FILE.exec(name);
  if (!match) return null;
  const digits = match[3]!;
  return { fileId: match[1]!, instant: digits.length === 14 ? `${digits}999` : digits };
}

export const baseFileName = (fileId: string, instant: Instant): string => `${fileId}_${WRITE_TOKEN}_${instant}.parquet`;

/**
 * A new file id: a UUIDv7 whose time is the instant that makes the group. Groups of a log are thereby ordered by name, and
 * the first commit of a group is known from its name alone.
 *
 * @param random 10 random bytes (an argument for tests)
 */
export function newFileId(instant: Instant, random: Uint8Array = randomBytes(10)): string {
  const bytes = new Uint8Array(16);
  const ms = timeOf(instant);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(ms / 2 ** (8 * (5 - i))) & 0xff;
  bytes.set(random, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Buffer.from(bytes).toString("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `${parts.join("-")}-0`;
}

/** New file ids of one instant, each greater than the one before: groups that one commit makes keep the order of their rows. */
export function fileIdsOf(instant: Instant): () => string {
  let next = 0;
  return () => {
    const random = randomBytes(10);
    // The 12 bits between version and variant are a counter, as RFC 9562 (6.2, method 1) has it.
    random.writeUInt16BE(next++ & 0x0fff, 0);
    return newFileId(instant, random);
  };
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-\d+$/;

/** Epoch ms of the instant that made a group, or null when another writer named it. */
export function fileIdTime(fileId: string): number | null {
  const match = UUID_V7.exec(fileId);
  return match ? parseInt(match[1]! + match[2]!, 16) : null;
}
