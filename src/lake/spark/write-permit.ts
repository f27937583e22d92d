/**
 * What a statement that writes must still find when it reads its source: a file, which lies among the staged ones for the INSERT,
 * and is counted by a view for the MERGE.
 *
 * A statement outlives the process that sent it. When its connection ends Spark cancels the jobs that run; one that is still being
 * planned has none, begins its commit seconds later and completes it. By then somebody else has looked at the timeline, found
 * nothing under way, and written the same messages again: the log would have them twice, or the state not at all. So whoever puts
 * the tables in order first takes away what earlier statements need, and looks at the timeline then. Hudi requests the instant of a
 * commit before it runs the tasks that read the source: what is requested by then is waited for, and what is not fails.
 *
 * (A subquery of an INSERT would be too early: Hudi asks for its source's plan before it requests the instant, and subqueries run
 * with that. So would be all of the source if the session planned adaptively.)
 */
import { randomBytes, randomUUID } from "node:crypto";
import { posix } from "node:path";
import type { Feed } from "../../model/feed";
import { emptyAvroFile } from "../hudi/avro-file";
import { permitsFolder } from "../hudi/fence";
import type { LakePlace } from "../storage/lake-place";
import { quotedLiteral } from "./sql/literals";
import { identifier, sql, type Sql } from "./sql/sql";
import { unavailable } from "./thrift/faults";

const SYNC_BYTES = 16;

const VIEW = identifier("weir_write_permit");

/** True while the permit is there; where it is not, the statement fails. */
export const isPermitted: Sql = sql`(SELECT count(*) FROM ${VIEW}) > 0`;

export class WritePermits {
  /** Name of the file. */
  #current: string | null = null;
  readonly #folder: string;

  constructor(
    private readonly lake: LakePlace,
    private readonly feed: Feed,
  ) {
    this.#folder = permitsFolder(`${lake.folder}/${feed.name}`, feed.name);
  }

  /** From here on no statement that was sent before begins to write. Those that are sent from now on may. */
  async renew(): Promise<void> {
    const { storage } = this.lake;
    this.#current = null;
    await storage.removeFolder(this.#folder);
    const name = `${randomUUID()}.avro`;
    const content = emptyAvroFile(this.feed.schema as object, randomBytes(SYNC_BYTES));
    await storage.write(`${this.#folder}/${name}`, content);
    this.#current = name;
  }

  /** Path in the lake of a file of the feed's schema, without records. */
  get file(): string {
    return posix.relative(this.lake.folder, this.#path);
  }

  /** What a session runs before a statement with `isPermitted` in it. */
  view(): Sql {
    return sql`CREATE OR REPLACE TEMPORARY VIEW ${VIEW} USING text OPTIONS (path ${quotedLiteral(`${this.lake.url}/${this.file}`)})`;
  }

  /**
   * To be asked between the view of what is staged and the statement that reads it: among several files a missing one is left out.
   *
   * @throws AppError engine-unavailable when somebody has taken it away
   */
  async assertHeld(): Promise<void> {
    if ((await this.lake.storage.stat(this.#path)) === null) {
      throw unavailable(`The permit ${this.#path} to write is gone: the tables are put in order again.`);
    }
  }

  get #path(): string {
    if (this.#current === null) throw new Error("The tables are not in order: there is no permit to write.");
    return `${this.#folder}/${this.#current}`;
  }
}
