/** Verbs of the control plane on a migrated database of each kind, and whoever calls them. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { and, desc, eq } from "drizzle-orm";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import type { Actor, Role } from "~/control/actor";
import type { ControlContext } from "~/control/context";
import { DecidedAnswers } from "~/control/decided-answers";
import { revisionOf } from "~/control/db/revision";
import type { ControlDb, Database } from "~/control/db/database";
import { openEmbedded } from "~/control/db/embedded";
import { openPostgres } from "~/control/db/postgres";
import { auditLog } from "~/control/db/schema/audit-log";
import type { Feed } from "~/model/feed";
import { RightsChanges } from "~/control/rights";
import { pipelineFeed } from "./pipeline-feed";
import { EMBEDDED_WORKER, TEMPLATE } from "./control-files";

export const NOW = Date.parse("2026-11-21T10:00:00Z");

/** A migrated database for one suite. */
export class ControlFixture {
  readonly rights = new RightsChanges();
  /** Of both kinds of database, so that the server's way is taken on each. */
  readonly #kept = new DecidedAnswers(() => revisionOf(this.pool));
  #database: Database | null = null;

  constructor(private readonly open: () => Promise<Database>) {}

  get db(): ControlDb {
    return this.#database!.db;
  }

  get pool(): Pool {
    return this.#database!.pool;
  }

  async start(): Promise<void> {
    this.#database = await this.open();
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }

  /** What a request of this actor gives to verbs. */
  as(actor: Actor, given: Partial<ControlContext> = {}): ControlContext {
    return {
      control: { database: () => Promise.resolve(this.db), explain: (error) => error, kept: this.#kept },
      rights: this.rights,
      actor,
      ip: "192.0.2.7",
      requestId: "request-1",
      feeds: FEEDS,
      clock: { now: () => NOW },
      newId: randomUUID,
      patienceMs: 0,
      ...given,
    };
  }

  /** The newest audit row about an entity. */
  async lastAudit(entity: string, entityId: string) {
    const [row] = await this.db
      .select()
      .from(auditLog)
      .where(and(eq(auditLog.entity, entity), eq(auditLog.entityId, entityId)))
      .orderBy(desc(auditLog.id))
      .limit(1);
    return row ?? null;
  }

  /** Expects the newest audit row about an entity to say this, and to name who asked and from where. */
  async expectAuditRow(
    actor: Actor,
    expected: { action: string; entityId: string; before: object | null; after: object | null },
  ): Promise<void> {
    const row = await this.lastAudit(expected.action.split(".")[0]!, expected.entityId);
    expect(row).toMatchObject({
      ...expected,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      ip: "192.0.2.7",
      requestId: "request-1",
      at: new Date(NOW),
    });
  }
}

export const FEEDS: readonly Feed[] = [pipelineFeed];

/** A person of their own, so that tests of one database do not meet. */
export function person(role: Role, given: { feeds?: Actor["feeds"] } = {}): Actor {
  const id = randomUUID();
  return {
    kind: "user",
    id,
    sessionId: randomUUID(),
    name: `${role} ${id.slice(0, 4)}`,
    role,
    feeds: { read: "all", write: "all" },
    ...given,
  };
}

/**
 * The same suite on the embedded database and on a Postgres server.
 * @param suite is also told which one it is on, from 0
 */
export function onEveryDatabase(suite: (control: ControlFixture, nth: number) => void): void {
  const run = (nth: number, name: string, open: () => Promise<Database>, skip = false) =>
    describe.skipIf(skip)(name, () => {
      const control = new ControlFixture(open);
      beforeAll(() => control.start());
      afterAll(() => control.close());
      suite(control, nth);
    });
  run(0, "on the embedded database", openDump);
  run(
    1,
    "on a Postgres server",
    async () => openPostgres(await freshDatabase(), ignoreLost),
    inject("postgresUrl") === null,
  );
}

/** A migrated database in memory. */
export async function openDump(): Promise<Database> {
  const dump = await readFile(inject("controlDump"));
  return openEmbedded({ worker: EMBEDDED_WORKER, folder: null, dump }, ignoreLost);
}

/** Makes a database on the server of the tests. @returns its address */
export async function freshDatabase(template = TEMPLATE): Promise<string> {
  const name = `weir_${randomUUID().replaceAll("-", "")}`;
  const server = inject("postgresUrl")!;
  const admin = new Pool({ connectionString: server, max: 1 });
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  await admin.end();
  return server.replace(/postgres$/, name);
}

/** A test that loses its connection fails where it asks. */
const ignoreLost = () => undefined;
