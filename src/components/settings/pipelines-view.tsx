/** Who answers for which pipeline, and where its failures lead. */
import { component$ } from "@builder.io/qwik";
import type { PipelinesPage } from "~/web/pages/pipelines-page";
import { pickPageData } from "../page-data";
import { withParams } from "../shell/page-url";
import { listTable } from "../ui/list-table";
import { outcomeLine } from "../ui/notice-line";
import { postButton } from "../ui/post-button";
import { safeUrl } from "../ui/safe-url";

export const PipelinesView = component$(() => {
  const page = pickPageData<PipelinesPage>("pipelines")!;
  const { owners, mayChange, outcome } = page;
  return (
    <>
      <h1>Owners</h1>
      {outcomeLine(outcome)}
      {owners === null ? (
        <p>Owners are not there yet: the database that keeps them is starting or away. Load the page again soon.</p>
      ) : (
        <>
          {owners.length === 0 ? (
            <p class="muted">Nothing is kept about any pipeline yet.</p>
          ) : (
            <div class="panel-box">
              {listTable({
                caption: "Owners of pipelines",
                columns: [
                  { label: "Pipeline" },
                  { label: "Owner" },
                  { label: "Links" },
                  { label: "What to do", width: 12, isQuiet: true },
                ],
                rows: owners.map((owner) => ownerRow(owner, mayChange)),
              })}
            </div>
          )}
          {mayChange && ownerForm(page)}
        </>
      )}
    </>
  );
});

function ownerRow(
  { pipelineName, owner, runbookUrl, logsTemplate, rerunTemplate }: NonNullable<PipelinesPage["owners"]>[number],
  mayChange: boolean,
) {
  const runbook = safeUrl(runbookUrl);
  const templates = [logsTemplate && "logs", rerunTemplate && "rerun"].filter(Boolean).join(", ");
  return (
    <tr key={pipelineName}>
      <td>
        <strong>{pipelineName}</strong>
      </td>
      <td data-label="Owner">{owner}</td>
      <td data-label="Links">
        {runbook !== null && (
          <a href={runbook} rel="noreferrer">
            runbook
          </a>
        )}
        {runbook !== null && templates !== "" && ", "}
        {templates}
      </td>
      <td>
        {mayChange && (
          <div class="actions">
            <a
              class="button"
              href={withParams("/settings/pipelines", { pipeline: pipelineName })}
              aria-label={`Change ${pipelineName}`}
            >
              Change
            </a>
            {postButton({
              action: "/settings/pipelines",
              act: "delete",
              text: "Delete",
              name: `Delete what is kept about ${pipelineName}`,
              fields: { pipeline: pipelineName },
            })}
          </div>
        )}
      </td>
    </tr>
  );
}

const ownerForm = ({ chosen, isMine, placeholders }: PipelinesPage) => (
  <form method="post" action="/settings/pipelines" class="settings-form" aria-labelledby="owner-form">
    <h2 id="owner-form">{chosen.pipelineName === "" ? "Another pipeline" : `Change ${chosen.pipelineName}`}</h2>
    <input type="hidden" name="owner-before" value={chosen.owner ?? ""} />
    <input type="hidden" name="owner-id-before" value={chosen.ownerId ?? ""} />
    {field("Pipeline", "pipeline", chosen.pipelineName, true)}
    {field("Owner: a person or a team", "owner", chosen.owner)}
    <label class="check">
      <input type="checkbox" name="mine" checked={isMine} />
      It is mine: my view “Mine” shows it
    </label>
    {field("Runbook (https://…)", "runbookUrl", chosen.runbookUrl)}
    {field("Logs", "logsTemplate", chosen.logsTemplate)}
    {field("Rerun", "rerunTemplate", chosen.rerunTemplate)}
    <p class="muted small">
      Logs and rerun may have the placeholders {placeholders}: they are filled from the failure. A link is shown where
      all of its values are known.
    </p>
    <div class="actions">
      <button class="primary" name="do" value="keep">
        Keep
      </button>
    </div>
  </form>
);

const field = (label: string, name: string, value: string | null, required = false) => (
  <label>
    {label}
    <input name={name} value={value ?? ""} required={required} maxLength={1_000} autocomplete="off" />
  </label>
);
