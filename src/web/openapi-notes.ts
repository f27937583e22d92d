/** The calls about problems, instants and pipelines: marks, notes, owners. */
import { noteInput } from "../control/note/note";
import { pipelineOwnerInput } from "../control/pipeline-owner/pipeline-owner";
import { problemMarkInput } from "../control/problem-mark/problem-mark";
import { mergeProblemInput, splitProblemInput } from "../control/problem-rule/problem-rule";
import { MARK_KINDS } from "../model/problem-mark";
import { takes } from "./openapi-inputs";
import { answer, integer, nullable, objectOf, operation, ref, text, type Json } from "./openapi-parts";

const id: Json[] = [{ name: "id", in: "path", required: true, schema: text }];
const listOf = (name: string, of: string) => objectOf({ [name]: { type: "array", items: ref(of) } });
const inPath = (...names: string[]): Json[] =>
  names.map((name) => ({ name, in: "path", required: true, schema: text }));
const owner = { 200: answer("Who answers for it", ref("PipelineOwner")) };
const rule = { 201: answer("In force", ref("ProblemRule")) };
const mark = (status: number) => ({ [status]: answer("In force", ref("ProblemMark")) });

export const notePaths: Record<string, Json> = {
  "/problem-marks": {
    get: operation("Acknowledgements and mutes in force, and owners; null while they cannot be known", [], {
      200: answer(
        "What people decided",
        objectOf({
          marks: nullable({ type: "array", items: ref("ProblemMark") }),
          owners: nullable({ type: "array", items: ref("PipelineOwner") }),
        }),
      ),
    }),
  },
  "/problems/{id}/acknowledgements": {
    get: operation("Who was on it, the newest first", id, {
      200: answer("Acknowledgements", listOf("acknowledgements", "PastMark")),
    }),
    post: operation("Say that somebody is on it", id, mark(201), takes(problemMarkInput)),
    delete: operation("End the acknowledgement", id, { 204: answer("Ended") }),
  },
  "/problems/{id}/mute": {
    get: operation("When it was muted, the newest first", id, { 200: answer("Mutes", listOf("mutes", "PastMark")) }),
    put: operation("Do not count it as failing for a while", id, mark(200), takes(problemMarkInput)),
    delete: operation("End the mute", id, { 204: answer("Ended") }),
  },
  "/problems/{id}/notes": {
    get: operation("Notes about a problem", id, { 200: answer("Notes", listOf("notes", "Note")) }),
    post: operation("Write one", id, { 201: answer("Kept", ref("Note")) }, takes(noteInput)),
  },
  "/problems/{id}/notes/{note}": {
    delete: operation("Delete one", inPath("id", "note"), { 204: answer("Gone") }),
  },
  "/problems/{id}/merge": {
    post: operation("Take its failures into another problem of the same stage", id, rule, takes(mergeProblemInput)),
  },
  "/problems/{id}/split": {
    post: operation(
      "Take the failures out whose error has a text in its first line",
      id,
      rule,
      takes(splitProblemInput),
    ),
  },
  "/problem-rules": {
    get: operation("Merges and splits in force, the oldest first", [], {
      200: answer("Rules", listOf("rules", "ProblemRule")),
    }),
  },
  "/problem-rules/{id}": { delete: operation("Group as before", id, { 204: answer("Undone") }) },
  "/feeds/{feed}/instants/{instant}/notes": {
    get: operation("Notes about an instant", inPath("feed", "instant"), {
      200: answer("Notes", listOf("notes", "Note")),
    }),
    post: operation("Write one", inPath("feed", "instant"), { 201: answer("Kept", ref("Note")) }, takes(noteInput)),
  },
  "/feeds/{feed}/instants/{instant}/notes/{note}": {
    delete: operation("Delete one", inPath("feed", "instant", "note"), { 204: answer("Gone") }),
  },
  "/pipeline-owners": {
    get: operation("Who answers for which pipeline", [], { 200: answer("Owners", listOf("owners", "PipelineOwner")) }),
  },
  "/pipelines/{name}/owner": {
    get: operation("Who answers for a pipeline", inPath("name"), owner),
    put: operation("Keep who answers for it", inPath("name"), owner, takes(pipelineOwnerInput)),
    delete: operation("Forget who answers for it", inPath("name"), { 204: answer("Gone") }),
  },
};

const markMembers: Record<string, Json> = {
  id: text,
  kind: { type: "string", enum: MARK_KINDS },
  feed: text,
  problemId: text,
  reason: text,
  by: text,
  seenAt: integer,
  createdAt: integer,
  expiresAt: integer,
};

const ruleMembers: Record<string, Json> = {
  id: text,
  feed: text,
  problemId: text,
  pipelineName: text,
  stageName: text,
  error: text,
  by: text,
  createdAt: integer,
};

export const noteSchemas: Record<string, Json> = {
  ProblemMark: objectOf(markMembers),
  PastMark: objectOf({
    ...markMembers,
    pipelineName: text,
    stageName: text,
    error: text,
    endedAt: nullable(integer),
    endedBecause: nullable(text),
  }),
  ProblemRule: {
    oneOf: [
      objectOf({ ...ruleMembers, kind: { type: "string", enum: ["merge"] }, into: text }),
      objectOf({ ...ruleMembers, kind: { type: "string", enum: ["split"] }, containing: text }),
    ],
  },
  Note: objectOf({
    id: text,
    about: { type: "string", enum: ["problem", "instant"] },
    feed: text,
    ref: text,
    text,
    author: objectOf({ id: text, name: text }),
    createdAt: integer,
  }),
  PipelineOwner: objectOf({
    pipelineName: text,
    owner: nullable(text),
    ownerId: nullable(text),
    runbookUrl: nullable(text),
    logsTemplate: nullable(text),
    rerunTemplate: nullable(text),
    updatedAt: integer,
    updatedBy: text,
  }),
};
