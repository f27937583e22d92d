/** Unpacks the zip files among the fixtures (stored and deflated entries, no zip64). */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const DEFLATED = 8;

/** Writes the files of an archive under a folder. Resource forks of another system's archiver are left out. */
export async function unzip(archive: string, folder: string): Promise<void> {
  const bytes = await readFile(archive);
  let end = bytes.length - 22;
  while (bytes.readUInt32LE(end) !== END) end--;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== ENTRY) throw new Error(`${archive} is no zip file that is understood here.`);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    if (!name.startsWith("__MACOSX/")) await writeEntry(bytes, at, join(folder, name));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}

async function writeEntry(bytes: Buffer, at: number, path: string): Promise<void> {
  if (path.endsWith("/")) return void (await mkdir(path, { recursive: true }));
  const local = bytes.readUInt32LE(at + 42);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const packed = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(packed) : packed);
}
