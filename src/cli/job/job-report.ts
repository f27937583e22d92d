/**
 * What a job tells of itself: it appends `name=value` lines to the file that WEIR_REPORT names. A file and not its output,
 * because output is text that whoever's data is processed may have written.
 */
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Told {
  processed: number | null;
  source: number | null;
  quality: number | null;
  url: string | null;
  version: string | null;
  labels: Record<string, string>;
}

const MOST_BYTES = 64 * 1024;
const MOST_LABELS = 32;

export const NOTHING_TOLD: Told = {
  processed: null,
  source: null,
  quality: null,
  url: null,
  version: null,
  labels: {},
};

export interface ReportFile {
  path: string;
  /** What the job has told by now. @throws Error when the file cannot be read */
  read(): Promise<{ told: Told; faults: string[] }>;
  remove(): Promise<void>;
}

/** @throws Error when the temporary folder cannot be written */
export async function openReport(): Promise<ReportFile> {
  const folder = await mkdtemp(join(tmpdir(), "weir-job-"));
  const path = join(folder, "report");
  await writeFile(path, "");
  return {
    path,
    read: async () => parseReport(await readBounded(path)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The last line of a name counts. `faults` are sentences about lines that say nothing. */
export function parseReport(text: string): { told: Told; faults: string[] } {
  const told: Told = { ...NOTHING_TOLD, labels: {} };
  const faults: string[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const fault = name === undefined ? "is not name=value" : take(told, name, value ?? "");
    if (fault !== null) faults.push(`WEIR_REPORT: ${JSON.stringify(line.slice(0, 100))} ${fault}`);
  }
  return { told, faults };
}

function take(told: Told, name: string, value: string): string | null {
  switch (name) {
    case "processed":
    case "source":
      if (!/^\d{1,15}$/.test(value)) return "must be a whole number of records";
      told[name] = Number(value);
      return null;
    case "quality":
      if (!(value !== "" && Number(value) >= 0 && Number(value) <= 1)) return "must be a number from 0 to 1";
      told.quality = Number(value);
      return null;
    case "url":
    case "version":
      told[name] = value;
      return null;
    default:
      return takeLabel(told, name, value);
  }
}

function takeLabel(told: Told, name: string, value: string): string | null {
  if (!name.startsWith("label.")) return "is unknown: processed, source, quality, url, version and label.NAME are read";
  if (Object.keys(told.labels).length >= MOST_LABELS) return `is one too many: at most ${MOST_LABELS} labels are kept`;
  told.labels[name.slice("label.".length)] = value;
  return null;
}
