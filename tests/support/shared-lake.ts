/** A lake in a folder of its own with the tables of one feed, opened by one engine after the other. */
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { systemClock } from "~/clock";
import { openLake, type FeedTables, type Lake } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import type { StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { EVERYTHING } from "~/model/filter";
import type { Instant } from "~/model/instant";
import { positionOf } from "~/model/position";
import type { Row } from "~/model/value";
import { removeFolder } from "./remove-folder";
import { sparkAddress } from "./spark";
import { stageFile } from "./staged-file";

export type EngineKind = "embedded" | "spark";

const NO_LIMIT = 1_000_000;
const log = pino({ level: "silent" });

export class SharedLake {
  tables!: FeedTables;
  #lake: Lake | null = null;
  #staged = 0;

  private constructor(
    /** A later version of it takes its place before the lake is opened again. */
    public feed: Feed,
    readonly folder: string,
    readonly database: string,
  ) {}

  static async make(feed: Feed): Promise<SharedLake> {
    const folder = await mkdtemp(join(tmpdir(), "weir-engines-"));
    return new SharedLake(feed, folder, `engines_${randomBytes(6).toString("hex")}`);
  }

  async open(kind: EngineKind): Promise<FeedTables> {
    await this.#lake?.close();
    const address = { ...sparkAddress(), database: this.database };
    const engine = kind === "spark" ? { kind, address, url: `file:${this.folder}/lake`, log } : { kind };
    const storage = localStorage(this.folder);
    // Long enough that no slice goes while the test looks at all of them.
    this.#lake = await openLake({ engine, storage, folder: "lake", clock: systemClock, retainMs: 3_600_000 });
    this.tables = await this.#lake.tables(this.feed);
    await this.tables.writer.recover();
    return this.tables;
  }

  stage(rows: readonly Row[]): Promise<StagedFile> {
    return stageFile({ storage: localStorage(this.folder), folder: "lake" }, this.feed, ++this.#staged, rows);
  }

  async rowsAt(instant: Instant): Promise<readonly Row[]> {
    const { reader } = this.tables;
    const answer = await reader.snapshot({
      at: positionOf(reader.epoch, instant),
      filter: EVERYTHING,
      limit: NO_LIMIT,
    });
    if (answer.kind === "gone") throw new Error(`${instant} is gone`);
    return answer.rows;
  }

  async remove(): Promise<void> {
    await this.#lake?.close();
    await removeFolder(this.folder);
  }
}
