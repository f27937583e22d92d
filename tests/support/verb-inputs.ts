/** A valid input of every verb of the control plane that takes one, and what it leaves in the database. */
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import { packageRoot } from "~/config";
import { acceptInvitation, findInvitation } from "~/control/account/accept-invitation";
import { changeOwnPassword } from "~/control/account/change-own-password";
import { disableUser } from "~/control/account/disable-user";
import { insertPerson } from "~/control/account/insert-person";
import { inviteUser } from "~/control/account/invite-user";
import { listSessions } from "~/control/account/list-sessions";
import { makeFirstAdmin } from "~/control/account/make-first-admin";
import { hashPassword, insertCredential, isPassword } from "~/control/account/password";
import { revokeInvitation } from "~/control/account/revoke-invitation";
import { revokeSession } from "~/control/account/revoke-session";
import { setFeedRights } from "~/control/account/set-feed-rights";
import { setRole } from "~/control/account/set-role";
import { exportAudit } from "~/control/audit/export-audit";
import { listAudit } from "~/control/audit/list-audit";
import { withDatabase, withTransaction, type ControlContext } from "~/control/context";
import { createDashboard } from "~/control/dashboard/create-dashboard";
import { deleteDashboard } from "~/control/dashboard/delete-dashboard";
import { duplicateDashboard } from "~/control/dashboard/duplicate-dashboard";
import { exportDashboard } from "~/control/dashboard/export-dashboard";
import { getDashboard } from "~/control/dashboard/get-dashboard";
import { importDashboard } from "~/control/dashboard/import-dashboard";
import { shareDashboard } from "~/control/dashboard/share-dashboard";
import { updateDashboard } from "~/control/dashboard/update-dashboard";
import { account, session, user } from "~/control/db/schema/accounts";
import { problemMark } from "~/control/db/schema/problem-mark";
import { addNote } from "~/control/note/add-note";
import { deleteNote } from "~/control/note/delete-note";
import { listNotes } from "~/control/note/list-notes";
import { deletePipelineOwner } from "~/control/pipeline-owner/delete-pipeline-owner";
import { getPipelineOwner } from "~/control/pipeline-owner/get-pipeline-owner";
import { listPipelineOwners } from "~/control/pipeline-owner/list-pipeline-owners";
import { setPipelineOwner } from "~/control/pipeline-owner/set-pipeline-owner";
import { getPreferences } from "~/control/preference/get-preferences";
import { setPreferences } from "~/control/preference/set-preferences";
import { withdrawMark } from "~/control/problem-mark/end-mark";
import { listAcknowledgements } from "~/control/problem-mark/list-acknowledgements";
import { listMarksOf } from "~/control/problem-mark/list-marks";
import { acknowledgeProblem, muteProblem } from "~/control/problem-mark/mark-problem";
import type { MarkedProblem } from "~/control/problem-mark/problem-mark";
import { listProblemRules } from "~/control/problem-rule/list-problem-rules";
import { mergeProblem } from "~/control/problem-rule/merge-problem";
import { splitProblem } from "~/control/problem-rule/split-problem";
import { undoProblemRule } from "~/control/problem-rule/undo-problem-rule";
import { createSavedView } from "~/control/saved-view/create-saved-view";
import { defaultViewOf } from "~/control/saved-view/default-view-of";
import { deleteSavedView } from "~/control/saved-view/delete-saved-view";
import { getSavedView } from "~/control/saved-view/get-saved-view";
import { setDefaultView } from "~/control/saved-view/set-default-view";
import { starSavedView } from "~/control/saved-view/star-saved-view";
import { updateSavedView } from "~/control/saved-view/update-saved-view";
import { createToken } from "~/control/token/create-token";
import { getToken } from "~/control/token/get-token";
import { revokeToken } from "~/control/token/revoke-token";
import { updateToken } from "~/control/token/update-token";
import { note, oneOfEach } from "./dashboard-layouts";
import type { Place } from "./hostile-inputs";

const FEED = "pipeline_events";
const PASSWORD = "correct horse battery staple";
const AUDIT = { audit_log: 1 };

export interface VerbInput {
  /** What people, publishers and addresses give it, and what has to be there before. */
  valid: (ctx: ControlContext) => Promise<unknown[]> | unknown[];
  call: (ctx: ControlContext, given: unknown[]) => Promise<unknown>;
  /** Rows more or less per table when it is done; none for one that reads. */
  rows?: Readonly<Record<string, number>>;
  /** What is kept now, in the shape of what was given. Without it, nothing that is hostile finds or changes anything. */
  kept?: (ctx: ControlContext, given: unknown[], answer: unknown) => Promise<unknown[]> | unknown[];
  /** How a text is kept, where it is not just trimmed. */
  as?: (text: string, place: Place) => string;
  /** It hashes passwords. */
  isSlow?: true;
}

const id = (made: { id: string }) => made.id;
const text = (value: unknown) => value as string;

// ---- people

async function newPerson(ctx: ControlContext): Promise<string> {
  const given = { email: `${randomUUID()}@example.org`, name: "Anna", role: "viewer" as const };
  const feeds = { read: "all", write: "all" } as const;
  return withTransaction(ctx, async (_tx, inside) => id(await insertPerson(inside, { ...given, feeds })));
}

async function newInvitation(ctx: ControlContext) {
  const made = await inviteUser(ctx, { email: `${randomUUID()}@example.org` });
  return { ...made, token: made.path.replace("/invitations/", "") };
}

async function newSession(ctx: ControlContext): Promise<string> {
  const row = { id: randomUUID(), token: randomUUID(), userId: await newPerson(ctx) };
  const at = new Date(ctx.clock.now());
  const times = { createdAt: at, updatedAt: at, expiresAt: new Date(ctx.clock.now() + 60_000) };
  await withDatabase(ctx, (db) => db.insert(session).values({ ...row, ...times }));
  return row.id;
}

/** The one who asks, with a password. */
let hash: Promise<string> | null = null;
async function withPassword(ctx: ControlContext): Promise<void> {
  const known = await (hash ??= hashPassword(PASSWORD));
  await withTransaction(ctx, async (tx, inside) => {
    const at = new Date(ctx.clock.now());
    const { id: userId, name } = ctx.actor;
    const times = { createdAt: at, updatedAt: at };
    await tx.insert(user).values({ id: userId, name, email: `${userId}@example.org`, emailVerified: false, ...times });
    await insertCredential(inside, userId, known);
  });
}

/** The password itself where it is theirs: what is kept of it cannot be read. */
async function keptOf(ctx: ControlContext, email: string, password: unknown) {
  const [found] = await withDatabase(ctx, (db) =>
    db
      .select({ name: user.name, email: user.email, hash: account.password })
      .from(user)
      .innerJoin(account, eq(account.userId, user.id))
      .where(and(eq(user.email, email))),
  );
  const { hash: kept, ...person } = found!;
  const isKept = password === PASSWORD || (await isPassword(kept!, text(password)));
  return { ...person, password: isKept ? password : "another password" };
}

const ofPeople: Record<string, VerbInput> = {
  "account/accept-invitation findInvitation": {
    valid: async (ctx) => [(await newInvitation(ctx)).token],
    call: (ctx, [token]) => findInvitation(ctx, text(token)),
  },
  "account/accept-invitation acceptInvitation": {
    valid: async (ctx) => [(await newInvitation(ctx)).token, { name: "Anna", password: PASSWORD }],
    call: (ctx, [token, input]) => acceptInvitation(ctx, text(token), input),
    rows: { user: 1, account: 1, ...AUDIT },
    kept: async (ctx, [token, input], answer) => [
      token,
      await keptOf(ctx, (answer as { email: string }).email, (input as { password: string }).password),
    ],
    as: (given, [, member]) => (member === "password" ? given : given.trim()),
    isSlow: true,
  },
  "account/make-first-admin makeFirstAdmin": {
    valid: async (ctx) => {
      await withDatabase(ctx, (db) => db.delete(user));
      return [{ name: "Root", email: "root@example.org", password: PASSWORD }];
    },
    call: (ctx, [input]) => makeFirstAdmin(ctx, input),
    rows: { user: 1, account: 1, ...AUDIT },
    kept: async (ctx, [input], answer) => [
      await keptOf(ctx, (answer as { email: string }).email, (input as { password: string }).password),
    ],
    as: (given, [, member]) => (member === "password" ? given : given.trim()),
    isSlow: true,
  },
  "account/change-own-password changeOwnPassword": {
    valid: async (ctx) => {
      await withPassword(ctx);
      return [{ current: PASSWORD, password: "another long password" }];
    },
    call: (ctx, [input]) => changeOwnPassword(ctx, input),
    rows: AUDIT,
    kept: async (ctx, [input]) => [
      await keptOf(ctx, `${ctx.actor.id}@example.org`, (input as { password: string }).password),
    ],
    as: (given) => given,
    isSlow: true,
  },
  "account/disable-user disableUser": {
    valid: async (ctx) => [await newPerson(ctx), { disabled: true }],
    call: (ctx, [who, input]) => disableUser(ctx, who, input),
    rows: AUDIT,
  },
  "account/invite-user inviteUser": {
    valid: () => [{ email: `${randomUUID()}@example.org`, role: "viewer", read: [FEED], write: [FEED] }],
    call: (ctx, [input]) => inviteUser(ctx, input),
    rows: { invitation: 1, ...AUDIT },
  },
  "account/list-sessions listSessions": {
    valid: (ctx) => [ctx.actor.id],
    call: (ctx, [who]) => listSessions(ctx, who),
  },
  "account/revoke-invitation revokeInvitation": {
    valid: async (ctx) => [id(await newInvitation(ctx))],
    call: (ctx, [which]) => revokeInvitation(ctx, which),
    rows: { invitation: -1, ...AUDIT },
  },
  "account/revoke-session revokeSession": {
    valid: async (ctx) => [await newSession(ctx)],
    call: (ctx, [which]) => revokeSession(ctx, which),
    rows: { session: -1, ...AUDIT },
  },
  "account/set-feed-rights setFeedRights": {
    valid: async (ctx) => [await newPerson(ctx), { read: [FEED], write: [FEED] }],
    call: (ctx, [who, input]) => setFeedRights(ctx, who, input),
    rows: { feed_rights: 1, ...AUDIT },
  },
  "account/set-role setRole": {
    valid: async (ctx) => [await newPerson(ctx), { role: "operator" }],
    call: (ctx, [who, input]) => setRole(ctx, who, input),
    rows: AUDIT,
  },
};

// ---- the audit log

const FILTER = { who: "who", action: "note.add", entity: "note", entityId: "x", q: "q" };

/** Rows that do not say what was looked for: none. */
function strangers(entries: readonly unknown[], input: unknown): unknown[] {
  const given = input as typeof FILTER;
  const wanted = (Object.keys(FILTER) as (keyof typeof FILTER)[])
    .filter((name) => given[name] !== FILTER[name])
    .map((name) => given[name].toLowerCase());
  const saysAll = (entry: string) => wanted.every((one) => entry.includes(JSON.stringify(one).slice(1, -1)));
  return entries.filter((entry) => !saysAll(JSON.stringify(entry).toLowerCase()));
}

const ofAudit: Record<string, VerbInput> = {
  "audit/list-audit listAudit": {
    valid: () => [{ ...FILTER, after: "1_1" }],
    call: async (ctx, [input]) => strangers((await listAudit(ctx, input)).entries, input),
  },
  "audit/export-audit exportAudit": {
    valid: () => [FILTER],
    call: async (ctx, [input]) => {
      const entries: unknown[] = [];
      for await (const piece of exportAudit(ctx, input)) entries.push(...piece);
      return strangers(entries, input);
    },
  },
};

// ---- dashboards

const newDashboard = async (ctx: ControlContext) => id(await createDashboard(ctx, { name: "Orders" }));
/** Panels of all kinds come with the verb that makes one. */
const ONE_PANEL = { schemaVersion: 2, panels: [note("a-note")] };
/** Titles, notes and filters are kept to the letter. */
const inLayout = (given: string, place: Place) => (place.includes("layout") ? given : given.trim());

const ofDashboards: Record<string, VerbInput> = {
  "dashboard/create-dashboard createDashboard": {
    valid: () => [{ name: "Orders", visibility: "shared", layout: oneOfEach() }],
    call: (ctx, [input]) => createDashboard(ctx, input),
    rows: { dashboard_layouts: 1, ...AUDIT },
    kept: async (ctx, _, made) => [await getDashboard(ctx, id(made as { id: string }))],
    as: inLayout,
  },
  "dashboard/import-dashboard importDashboard": {
    valid: () => [{ weir: "dashboard", name: "Orders", layout: ONE_PANEL }],
    call: (ctx, [input]) => importDashboard(ctx, input),
    rows: { dashboard_layouts: 1, ...AUDIT },
    kept: async (ctx, _, made) => [await exportDashboard(ctx, id(made as { id: string }))],
    as: inLayout,
  },
  "dashboard/update-dashboard updateDashboard": {
    valid: async (ctx) => [await newDashboard(ctx), { revision: 1, name: "Ours", layout: ONE_PANEL }],
    call: (ctx, [which, input]) => updateDashboard(ctx, which, input),
    rows: AUDIT,
    kept: async (ctx, [which]) => [which, await getDashboard(ctx, which)],
    as: inLayout,
  },
  "dashboard/duplicate-dashboard duplicateDashboard": {
    valid: async (ctx) => [await newDashboard(ctx), { name: "Copy" }],
    call: (ctx, [which, input]) => duplicateDashboard(ctx, which, input),
    rows: { dashboard_layouts: 1, ...AUDIT },
    kept: async (ctx, [which], made) => [which, await getDashboard(ctx, id(made as { id: string }))],
  },
  "dashboard/share-dashboard shareDashboard": {
    valid: async (ctx) => [await newDashboard(ctx), { shared: true }],
    call: (ctx, [which, input]) => shareDashboard(ctx, which, input),
    rows: AUDIT,
  },
  "dashboard/delete-dashboard deleteDashboard": {
    valid: async (ctx) => [await newDashboard(ctx)],
    call: (ctx, [which]) => deleteDashboard(ctx, which),
    rows: { dashboard_layouts: -1, ...AUDIT },
  },
  "dashboard/export-dashboard exportDashboard": {
    valid: async (ctx) => [await newDashboard(ctx)],
    call: (ctx, [which]) => exportDashboard(ctx, which),
  },
  "dashboard/get-dashboard getDashboard": {
    valid: async (ctx) => [await newDashboard(ctx)],
    call: (ctx, [which]) => getDashboard(ctx, which),
  },
};

// ---- notes and marks of problems

const about = (ref: unknown) => ({ about: "problem" as const, feed: FEED, ref: text(ref) });
const newRef = () => randomUUID().replaceAll("-", "");
const newNote = async (ctx: ControlContext, ref: string) => id(await addNote(ctx, about(ref), { text: "A note" }));

const newProblem = () => ({ id: newRef(), pipelineName: "orders", stageName: "load", error: "disk full" });
const problemOf = (given: unknown): MarkedProblem => ({
  ...(given as ReturnType<typeof newProblem>),
  feed: FEED,
  lastSeen: 1,
});
const until = (ctx: ControlContext) => ctx.clock.now() + 60_000;

/** A problem's own texts are the publisher's: what Postgres cannot keep of them is left out. */
const ofPublisher = (given: string, [first, member]: Place) =>
  first === 0 && member !== "id" ? given.replaceAll("\0", "").replace(/\p{Cs}/gu, "\uFFFD") : given.trim();

async function markKept(ctx: ControlContext, [problem]: unknown[], answer: unknown): Promise<unknown[]> {
  const made = answer as { id: string };
  const [row] = await withDatabase(ctx, (db) => db.select().from(problemMark).where(eq(problemMark.id, made.id)));
  return [{ ...(problem as object), ...row!, id: row!.problemId }, row];
}

async function ruleKept(ctx: ControlContext, [problem, other]: unknown[], answer: unknown): Promise<unknown[]> {
  const rule = (await listProblemRules(ctx)).find((one) => one.id === id(answer as { id: string }))!;
  const kept = rule.kind === "merge" ? { ...(other as object), id: rule.into } : { containing: rule.containing };
  // There is room for so many, and whoever asks is given all of them.
  await undoProblemRule(ctx, rule.id);
  return [{ ...(problem as object), ...rule, id: rule.problemId }, kept];
}

const ofProblems: Record<string, VerbInput> = {
  "note/add-note addNote": {
    valid: () => [newRef(), { text: "A note" }],
    call: (ctx, [ref, input]) => addNote(ctx, about(ref), input),
    rows: { note: 1, ...AUDIT },
    kept: async (ctx, [ref], made) => {
      const found = await listNotes(ctx, about(ref));
      const kept = found.find((one) => one.id === id(made as { id: string }))!;
      return [kept.ref, kept];
    },
    as: (given) => given.replaceAll("\r\n", "\n").trim(),
  },
  "note/delete-note deleteNote": {
    valid: async (ctx) => {
      const ref = newRef();
      return [ref, await newNote(ctx, ref)];
    },
    call: (ctx, [ref, which]) => deleteNote(ctx, about(ref), which),
    rows: { note: -1, ...AUDIT },
  },
  "note/list-notes listNotes": {
    valid: async (ctx) => {
      const ref = newRef();
      await newNote(ctx, ref);
      return [ref];
    },
    // What was noted of a problem that is called like this is found again.
    call: async (ctx, [ref]) => (await listNotes(ctx, about(ref))).filter((one) => one.ref !== ref),
  },
  "problem-mark/mark-problem acknowledgeProblem": {
    valid: (ctx) => [newProblem(), { reason: "On it", expiresAt: until(ctx) }],
    call: (ctx, [problem, input]) => acknowledgeProblem(ctx, problemOf(problem), input),
    rows: { problem_mark: 1, ...AUDIT },
    kept: markKept,
    as: ofPublisher,
  },
  "problem-mark/mark-problem muteProblem": {
    valid: (ctx) => [newProblem(), { reason: "Known", expiresAt: until(ctx) }],
    call: (ctx, [problem, input]) => muteProblem(ctx, problemOf(problem), input),
    rows: { problem_mark: 1, ...AUDIT },
    kept: markKept,
    as: ofPublisher,
  },
  "problem-mark/end-mark withdrawMark": {
    valid: async (ctx) => {
      const problem = newProblem();
      await muteProblem(ctx, problemOf(problem), { reason: "Known", expiresAt: until(ctx) });
      return [problem.id];
    },
    call: (ctx, [problem]) => withdrawMark(ctx, { feed: FEED, id: text(problem) }, "mute"),
    rows: AUDIT,
  },
  "problem-rule/merge-problem mergeProblem": {
    valid: () => Promise.resolve([newProblem(), { ...newProblem() }]),
    call: (ctx, [problem, into]) => mergeProblem(ctx, problemOf(problem), problemOf(into)),
    rows: { problem_rule: 1, ...AUDIT },
    kept: ruleKept,
    // The other one is only named.
    as: (given, place) => (place[0] === 1 && place[1] !== "id" ? given : ofPublisher(given, place)),
  },
  "problem-rule/split-problem splitProblem": {
    valid: () => Promise.resolve([newProblem(), { containing: "db-7" }]),
    call: (ctx, [problem, input]) => splitProblem(ctx, problemOf(problem), input),
    rows: { problem_rule: 1, ...AUDIT },
    kept: ruleKept,
    as: (given, place) => (place[0] === 1 ? given.trim().toLowerCase() : ofPublisher(given, place)),
  },
  "problem-rule/undo-problem-rule undoProblemRule": {
    valid: async (ctx) => [id(await splitProblem(ctx, problemOf(newProblem()), { containing: "db-7" }))],
    call: (ctx, [rule]) => undoProblemRule(ctx, rule),
    rows: { problem_rule: -1, ...AUDIT },
  },
  "problem-mark/list-acknowledgements listAcknowledgements": {
    valid: () => [newRef()],
    call: (ctx, [feed]) => listAcknowledgements(ctx, { feed: text(feed), since: 0 }),
  },
  "problem-mark/list-marks listMarksOf": {
    valid: () => [newRef()],
    call: async (ctx, [problem]) =>
      (await listMarksOf(ctx, { feed: FEED, id: text(problem) })).filter((one) => one.problemId !== problem),
  },
};

// ---- owners of pipelines, preferences

const newPipeline = async (ctx: ControlContext) =>
  (await setPipelineOwner(ctx, randomUUID(), { owner: "Anna" })).pipelineName;

const ofPipelines: Record<string, VerbInput> = {
  "pipeline-owner/set-pipeline-owner setPipelineOwner": {
    valid: async (ctx) => [
      randomUUID(),
      {
        owner: "Anna",
        ownerId: await newPerson(ctx),
        runbookUrl: "https://wiki.example.org/",
        logsTemplate: "https://logs.example.org/{batch}",
        rerunTemplate: "https://run.example.org/{pipeline}",
      },
    ],
    call: (ctx, [name, input]) => setPipelineOwner(ctx, name, input),
    rows: { pipeline_owner: 1, ...AUDIT },
    kept: async (ctx, [name]) => {
      const owner = await getPipelineOwner(ctx, name);
      await deletePipelineOwner(ctx, name);
      return [owner.pipelineName, owner];
    },
    as: (given, [first]) => (first === 0 ? given : given.trim()),
  },
  "pipeline-owner/delete-pipeline-owner deletePipelineOwner": {
    valid: async (ctx) => [await newPipeline(ctx)],
    call: (ctx, [name]) => deletePipelineOwner(ctx, name),
    rows: { pipeline_owner: -1, ...AUDIT },
  },
  "pipeline-owner/get-pipeline-owner getPipelineOwner": {
    valid: async (ctx) => [await newPipeline(ctx)],
    call: (ctx, [name]) => getPipelineOwner(ctx, name),
  },
  "pipeline-owner/list-pipeline-owners listPipelineOwners": {
    valid: async (ctx) => [[await newPipeline(ctx)]],
    call: (ctx, [names]) => listPipelineOwners(ctx, names as string[]),
  },
  "preference/set-preferences setPreferences": {
    valid: () => [{ theme: "dark", zone: "Europe/Berlin", density: "compact", keys: false, numbers: "dot" }],
    call: (ctx, [input]) => setPreferences(ctx, input),
    rows: { preference: 1, ...AUDIT },
    kept: async (ctx) => [await getPreferences(ctx)],
  },
};

// ---- saved views

const PAGE = { path: `/feeds/${FEED}`, search: "status=FAILED" };
const newView = async (ctx: ControlContext) => id(await createSavedView(ctx, { name: "Failed", ...PAGE }));
/** Paths and queries are kept as a browser writes them. */
const inView = (given: string, place: Place) => {
  const member = place.at(-1);
  if (member === "search") return new URLSearchParams(given).toString();
  return member === "path" ? new URL(given, "http://weir").pathname : given.trim();
};

const ofViews: Record<string, VerbInput> = {
  "saved-view/create-saved-view createSavedView": {
    valid: () => [{ name: "Failed", visibility: "private", ...PAGE }],
    call: (ctx, [input]) => createSavedView(ctx, input),
    rows: { saved_view: 1, ...AUDIT },
    kept: async (ctx, _, made) => [await getSavedView(ctx, id(made as { id: string }))],
    as: inView,
  },
  "saved-view/update-saved-view updateSavedView": {
    valid: async (ctx) => [await newView(ctx), { name: "Late", visibility: "private", ...PAGE }],
    call: (ctx, [which, input]) => updateSavedView(ctx, which, input),
    rows: AUDIT,
    kept: async (ctx, [which]) => [which, await getSavedView(ctx, which)],
    as: inView,
  },
  "saved-view/set-default-view setDefaultView": {
    valid: async (ctx) => [await newView(ctx), { isDefault: true }],
    call: (ctx, [which, input]) => setDefaultView(ctx, which, input),
    rows: { saved_view_default: 1, ...AUDIT },
  },
  "saved-view/star-saved-view starSavedView": {
    valid: async (ctx) => [await newView(ctx), { starred: true }],
    call: (ctx, [which, input]) => starSavedView(ctx, which, input),
    rows: { saved_view_star: 1, ...AUDIT },
  },
  "saved-view/delete-saved-view deleteSavedView": {
    valid: async (ctx) => [await newView(ctx)],
    call: (ctx, [which]) => deleteSavedView(ctx, which),
    rows: { saved_view: -1, ...AUDIT },
  },
  "saved-view/get-saved-view getSavedView": {
    valid: async (ctx) => [await newView(ctx)],
    call: (ctx, [which]) => getSavedView(ctx, which),
  },
  "saved-view/default-view-of defaultViewOf": {
    valid: async (ctx) => {
      await setDefaultView(ctx, await newView(ctx), { isDefault: true });
      return [PAGE.path.slice(1)];
    },
    call: (ctx, [path]) => defaultViewOf(ctx, new URL(`/${text(path)}`, "http://weir").pathname),
  },
};

// ---- tokens

const newToken = async (ctx: ControlContext) => id(await createToken(ctx, { name: "robot", write: [FEED] }));

const ofTokens: Record<string, VerbInput> = {
  "token/create-token createToken": {
    valid: () => [{ name: "robot", read: [FEED], write: [FEED] }],
    call: (ctx, [input]) => createToken(ctx, input),
    rows: { token: 1, ...AUDIT },
    kept: async (ctx, _, made) => [await getToken(ctx, id(made as { id: string }))],
  },
  "token/update-token updateToken": {
    valid: async (ctx) => [await newToken(ctx), { name: "other", read: [FEED], write: [FEED] }],
    call: (ctx, [which, input]) => updateToken(ctx, which, input),
    rows: AUDIT,
    kept: async (ctx, [which]) => [which, await getToken(ctx, which)],
  },
  "token/revoke-token revokeToken": {
    valid: async (ctx) => [await newToken(ctx)],
    call: (ctx, [which]) => revokeToken(ctx, which),
    rows: AUDIT,
  },
  "token/get-token getToken": {
    valid: async (ctx) => [await newToken(ctx)],
    call: (ctx, [which]) => getToken(ctx, which),
  },
};

export const VERB_INPUTS: Readonly<Record<string, VerbInput>> = {
  ...ofAudit,
  ...ofPeople,
  ...ofDashboards,
  ...ofProblems,
  ...ofPipelines,
  ...ofViews,
  ...ofTokens,
};

/** Parts of verbs, which are given what these have checked. */
export const PARTS_OF_VERBS: readonly string[] = [
  "account/person requireKnownFeeds",
  "dashboard/create-dashboard keepNew",
  "dashboard/dashboard findRow",
  "dashboard/dashboard requireEditor",
  "dashboard/dashboard requireOwner",
  "dashboard/layout-input parseLayout",
  "pipeline-owner/get-pipeline-owner findOwner",
  "problem-mark/end-mark endMark",
  "problem-mark/problem-mark marksInForce",
  "saved-view/saved-view findRow",
  "saved-view/saved-view findView",
  "saved-view/saved-view requireOwner",
];

const CONTROL = join(packageRoot(), "src/control");
const TAKES_AN_INPUT =
  /^export (?:async )?(?:function\*? ?|const )(\w+)(?: = )?(?:async )?(?:<[^(]*>)?\(\s*(?:\w+|\{[^}]*\}): ControlContext,\s*[^\s)]/gm;

/** Functions of `src/control/*` that take the context of somebody and something besides: `folder/file name`. */
export function verbsWithInput(): string[] {
  return readdirSync(CONTROL, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => /^[^/]+\/[^/]+\.ts$/.test(file) && !file.endsWith(".test.ts"))
    .flatMap((file) =>
      [...readFileSync(join(CONTROL, file), "utf8").matchAll(TAKES_AN_INPUT)].map(
        ([, name]) => `${file.replace(/\.ts$/, "")} ${name}`,
      ),
    )
    .sort();
}
