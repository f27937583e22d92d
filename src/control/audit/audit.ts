/** The audit row of a verb. In the same transaction: what was done is in the log, and what is in the log was done. */
import { auditLog } from "../db/schema/audit-log";
import type { TxContext } from "../context";

export interface AuditEntry {
  /** `entity.verb` */
  action: `${string}.${string}`;
  entityId: string;
  /** As it was; null when it did not exist. Never a secret, neither here nor in `after`. */
  before: object | null;
  /** As it is; null when it exists no more. */
  after: object | null;
}

export async function audit(ctx: TxContext, { action, entityId, before, after }: AuditEntry): Promise<void> {
  const { actor, ip, requestId, clock, tx } = ctx;
  await tx.insert(auditLog).values({
    at: new Date(clock.now()),
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    action,
    entity: action.slice(0, action.indexOf(".")),
    entityId,
    ip,
    requestId,
    before,
    after,
  });
}
