/** All tables of the control plane, for Drizzle. Verbs import a table from the file that defines it. */
import { account, feedRights, invitation, session, user, verification } from "./schema/accounts";
import { auditLog } from "./schema/audit-log";
import { dashboardLayouts } from "./schema/dashboard";
import { lease } from "./schema/lease";
import { note } from "./schema/note";
import { pipelineOwner } from "./schema/pipeline-owner";
import { preference } from "./schema/preference";
import { problemMark } from "./schema/problem-mark";
import { problemRule } from "./schema/problem-rule";
import { savedView, savedViewDefault, savedViewStar } from "./schema/saved-view";
import { signInAttempt } from "./schema/sign-in-attempt";
import { token, tokenUsage } from "./schema/token";

export const schema = {
  account,
  feedRights,
  invitation,
  session,
  user,
  verification,
  auditLog,
  dashboardLayouts,
  note,
  pipelineOwner,
  preference,
  problemMark,
  problemRule,
  savedView,
  savedViewDefault,
  savedViewStar,
  lease,
  signInAttempt,
  token,
  tokenUsage,
};
