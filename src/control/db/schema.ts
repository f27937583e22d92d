/** All tables of the control plane, for Drizzle. Verbs import a table from the file that defines it. */
import { auditLog } from "./schema/audit-log";
import { preference } from "./schema/preference";
import { savedView, savedViewDefault, savedViewStar } from "./schema/saved-view";

export const schema = { auditLog, preference, savedView, savedViewDefault, savedViewStar };
