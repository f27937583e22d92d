/** Who answers for which pipeline: the list, and the form that keeps one. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { hasRole } from "../../control/actor";
import { listPipelineOwners } from "../../control/pipeline-owner/list-pipeline-owners";
import type { PipelineOwner } from "../../control/pipeline-owner/pipeline-owner";
import { AppError } from "../../model/app-error";
import { PLACEHOLDERS } from "../../model/link-template";
import { actorOf, controlContext } from "../actor";
import { dropOwner, keepOwner } from "../owner-calls";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";

export interface PipelinesPage {
  /** Null while the database is not there. */
  owners: readonly PipelineOwner[] | null;
  /** What the form begins with. */
  chosen: Pick<PipelineOwner, "pipelineName" | "owner" | "ownerId" | "runbookUrl" | "logsTemplate" | "rerunTemplate">;
  isMine: boolean;
  placeholders: string;
  mayChange: boolean;
  outcome: Outcome | null;
}

const PATH = "/settings/pipelines";
const DONE = { kept: "It is kept.", deleted: "It is deleted." } as const;

export async function pipelinesPage(app: App, ev: RequestEventCommon): Promise<PipelinesPage> {
  const actor = actorOf(ev);
  const owners = await askForPage(app, ev, (ctx) => listPipelineOwners(ctx));
  const pipelineName = ev.query.get("pipeline") ?? "";
  const nothing = { owner: null, ownerId: null, runbookUrl: null, logsTemplate: null, rerunTemplate: null };
  const chosen = owners?.find((owner) => owner.pipelineName === pipelineName) ?? { pipelineName, ...nothing };
  return {
    owners,
    chosen,
    isMine: chosen.ownerId === actor.id,
    placeholders: PLACEHOLDERS.map((name) => `{${name}}`).join(" "),
    mayChange: hasRole(actor, "operator"),
    outcome: outcomeOf(ev, DONE),
  };
}

/** @throws a redirect */
export async function actOnPipeline(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  const ctx = controlContext(app, ev);
  const textOf = (name: string) => {
    const text = (form.get(name) ?? "").trim();
    return text === "" ? null : text;
  };
  const name = form.get("pipeline") ?? "";
  await actByForm(ev, PATH, async () => {
    if (form.get("do") === "delete") {
      await dropOwner(app, ctx, name);
      return "deleted";
    }
    if (form.get("do") !== "keep") throw new AppError("bad-body", "do must be keep or delete.");
    // Somebody else's claim stays theirs unless it is taken over or the name is changed.
    const before = form.get("owner-id-before") ?? "";
    const isTheirs = before !== "" && before !== ctx.actor.id && textOf("owner") === (form.get("owner-before") ?? "");
    await keepOwner(app, ctx, name, {
      owner: textOf("owner") ?? (form.get("mine") === "on" ? ctx.actor.name : null),
      ownerId: form.get("mine") === "on" ? ctx.actor.id : isTheirs ? before : null,
      runbookUrl: textOf("runbookUrl"),
      logsTemplate: textOf("logsTemplate"),
      rerunTemplate: textOf("rerunTemplate"),
    });
    return "kept";
  });
}
