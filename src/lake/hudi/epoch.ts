/** The epoch of positions: a short hash of what makes positions of a table comparable. */
import { createHash } from "node:crypto";
import type { HudiTable } from "./table";

/** 8 hex digits of the table's identity and the restores that it went through (each takes commits back). */
export function epochOf(table: HudiTable): string {
  const { weirTableId, name } = table.properties;
  const restores = table.instants.flatMap(({ action, state, instant }) =>
    action === "restore" && state === "COMPLETED" ? [instant] : [],
  );
  return createHash("sha256")
    .update([weirTableId ?? name, ...restores].join("\n"))
    .digest("hex")
    .slice(0, 8);
}
