/**
 * A Spark server in which a feed's tables are attached. A catalog in memory forgets them when the server starts again: then they
 * are attached anew, once for all callers, and what failed for their absence is asked again. Whoever asks first finds the tables
 * with all columns that the feed declares; nobody writes to them before that.
 */
import type { Feed } from "../../model/feed";
import { evolveTables } from "./evolution";
import type { QueryLimits, SparkQueries } from "./reader/feed-source";
import type { SparkServer } from "./spark-server";
import type { Sql } from "./sql/sql";
import { attachTables, isUnknownTable, type SparkTable } from "./tables";
import type { SparkRow } from "./thrift/columns";
import type { SparkSession } from "./thrift/session";

export class AttachedSpark implements SparkQueries {
  #attached: Promise<void> | null = null;
  /** The session of the writer in which they were attached last. */
  #writtenIn: SparkSession | null = null;

  constructor(
    private readonly server: SparkServer,
    readonly database: string,
    private readonly feed: Feed,
    /** The state first. */
    private readonly tables: readonly SparkTable[],
  ) {}

  query(statement: Sql, options?: QueryLimits & { maxRows?: number }): Promise<{ rows: SparkRow[] }> {
    return this.#withTables(() => this.server.query(statement, options));
  }

  async *pages(statement: Sql, options?: QueryLimits): AsyncGenerator<SparkRow[]> {
    const pages = await this.#withTables(async () => {
      const iterator = this.server.pages(statement, options)[Symbol.asyncIterator]();
      return { iterator, first: await iterator.next() };
    });
    try {
      for (let page = pages.first; !page.done; page = await pages.iterator.next()) yield page.value;
    } finally {
      await pages.iterator.return?.();
    }
  }

  /** Several statements in one session. What they do may be done twice. */
  read<T>(work: (session: SparkSession) => Promise<T>): Promise<T> {
    return this.#withTables(() => this.server.read(work));
  }

  /** One caller after the other, each with the session that writes. Its statements are never repeated. */
  write<T>(work: (session: SparkSession) => Promise<T>): Promise<T> {
    return this.server.write(async (session) => {
      // Nothing of the work may be repeated later, so the tables are there first. A server that starts again ends its sessions:
      // each but the first one may be with a server that does not know them. (The first one too, when it started again before
      // anything was written and nothing was read since: then this work fails, and what comes next attaches them.)
      const isFirst = this.#writtenIn === null && this.#attached !== null;
      if (isFirst) await this.#attached;
      else if (this.#writtenIn !== session) await this.#attachAnew(() => this.#attachIn(session));
      this.#writtenIn = session;
      const attached = this.#attached;
      try {
        return await work(session);
      } catch (error) {
        if (isUnknownTable(error)) this.#forget(attached);
        throw error;
      }
    });
  }

  async #withTables<T>(ask: () => Promise<T>): Promise<T> {
    const attached = this.#attached ?? this.#attachAnew(this.#attachByReader);
    await attached;
    try {
      return await ask();
    } catch (error) {
      if (!isUnknownTable(error)) throw error;
      // Whoever finds the tables missing first attaches them for all.
      const isKnown = this.#attached !== null && this.#attached !== attached;
      await (isKnown ? this.#attached : this.#attachAnew(this.#attachByReader));
      return ask();
    }
  }

  /** Unless they are being attached anew already. */
  #forget(attached: Promise<void> | null): void {
    this.#writtenIn = null;
    if (this.#attached === attached) this.#attached = null;
  }

  readonly #attachByReader = () => this.server.read((session) => this.#attachIn(session));

  async #attachIn(session: SparkSession): Promise<void> {
    const described = await attachTables(session, this.database, this.tables);
    await evolveTables(session, this.database, this.feed, this.tables, described);
  }

  /** One after the other: of two that find a table missing at the same time, one would be told that it is there. */
  #attachAnew(attach: () => Promise<void>): Promise<void> {
    const before = this.#attached ?? Promise.resolve();
    const attached = before.catch(() => undefined).then(attach);
    this.#attached = attached;
    attached.catch(() => {
      if (this.#attached === attached) this.#attached = null;
    });
    return attached;
  }
}
