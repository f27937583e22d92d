/** The audit log: a form that asks, and what was found with what it changed. All of it is text of others. */
import { component$ } from "@builder.io/qwik";
import type { AuditPageData } from "~/web/pages/audit-page";
import { pickPageData } from "../page-data";
import { listTable } from "../ui/list-table";
import { changesOf } from "./audit-changes";

type Entry = NonNullable<AuditPageData["entries"]>[number];

export const AuditView = component$(() => {
  const { entries, asked, older, exports } = pickPageData<AuditPageData>("audit")!;
  return (
    <>
      <h1>Audit</h1>
      <search>
        <form method="get" action="/settings/audit" class="filters" aria-label="What to look for" autocomplete="off">
          {field("Any text", "q", asked.q, "Part of a name, an address, a value")}
          {field("Who", "who", asked.who, "name or id")}
          {field("Action", "action", asked.action, "token.create, or token")}
          {field("Kind of thing", "entity", asked.entity, "token")}
          {field("Id of the thing", "entityId", asked.entityId, "")}
          <button class="primary">Search</button>
        </form>
      </search>
      <p class="small muted">
        All that is found, as <a href={exports.csv}>CSV</a> or <a href={exports.ndjson}>NDJSON</a>.
      </p>
      {entries === null ? (
        <p>The log is not there yet: the database that keeps it is starting or away. Load the page again soon.</p>
      ) : entries.length === 0 ? (
        <p class="muted">Nothing of that kind was done.</p>
      ) : (
        <div class="panel-box">
          {listTable({
            caption: "What was done, newest first",
            columns: [{ label: "When (UTC)", width: 12 }, { label: "Who" }, { label: "What" }, { label: "Changes" }],
            rows: entries.map(entryRow),
          })}
        </div>
      )}
      {older && (
        <p>
          <a href={older}>Older</a>
        </p>
      )}
    </>
  );
});

const entryRow = ({ id, at, actor, action, entityId, ip, before, after }: Entry) => (
  <tr key={id}>
    <td>{new Date(at).toISOString().slice(0, 19).replace("T", " ")}</td>
    <td data-label="Who">
      {actor.name}
      {ip && <span class="muted small"> from {ip}</span>}
    </td>
    <td data-label="What">
      {action}
      <br />
      <span class="muted small">{entityId}</span>
    </td>
    <td>
      <details>
        <summary>
          {before === null ? "made" : after === null ? "deleted" : "changed"}
          <span class="quiet">
            {" "}
            {action} {entityId}
          </span>
        </summary>
        <ul>
          {changesOf(before, after).map(({ name, from, to }) => (
            <li key={name}>
              <strong>{name}</strong>: {before === null ? to : after === null ? from : `${from ?? "–"} → ${to ?? "–"}`}
            </li>
          ))}
        </ul>
      </details>
    </td>
  </tr>
);

const field = (label: string, name: string, value: string, placeholder: string) => (
  <label class={name === "q" ? "wide" : undefined}>
    {label}
    <input type="search" name={name} value={value} maxLength={200} placeholder={placeholder} />
  </label>
);
