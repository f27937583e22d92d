/** Tokens of machines: what there is, and the form that makes one. Its text is shown on the answer that makes it. */
import { component$ } from "@builder.io/qwik";
import type { TokensPage } from "~/web/pages/tokens-page";
import { pickPageData } from "../page-data";
import { listTable } from "../ui/list-table";
import { outcomeLine } from "../ui/notice-line";
import { postButton } from "../ui/post-button";

type Token = NonNullable<TokensPage["tokens"]>[number];

export const TokensView = component$(() => {
  const { tokens, feeds, made, outcome } = pickPageData<TokensPage>("tokens")!;
  return (
    <>
      <h1>Tokens</h1>
      {outcomeLine(outcome)}
      {made && madeToken(made)}
      {tokens === null ? (
        <p>Tokens are not there yet: the database that keeps them is starting or away. Load the page again soon.</p>
      ) : tokens.length === 0 ? (
        <p class="muted">No machine has a token yet.</p>
      ) : (
        <div class="panel-box">
          {listTable({
            caption: "Tokens of machines",
            columns: [
              { label: "Token" },
              { label: "May" },
              { label: "Bounds" },
              { label: "Used" },
              { label: "State" },
              { label: "What to do", width: 8, isQuiet: true },
            ],
            rows: tokens.map(tokenRow),
          })}
        </div>
      )}
      {tokenForm(feeds)}
    </>
  );
});

const madeToken = ({ name, text, command }: NonNullable<TokensPage["made"]>) => (
  <section role="status" class="made" aria-labelledby="made-token">
    <h2 id="made-token">The token “{name}” is made</h2>
    <p>Copy it now: it is shown here once and kept nowhere.</p>
    <label>
      Token
      <textarea readOnly rows={2} class="mono" spellcheck={false} value={text} />
    </label>
    <label>
      To try it
      <textarea readOnly rows={4} class="mono" spellcheck={false} value={command} />
    </label>
  </section>
);

function tokenRow(token: Token) {
  const { id, name, state, createdBy, createdAt, lastUsedAt, expiresAt, today } = token;
  return (
    <tr key={id}>
      <td>
        <strong>{name}</strong>
        <br />
        <span class="muted small">
          by {createdBy.name}, {dayOf(createdAt)}
        </span>
      </td>
      <td data-label="May">{scopesOf(token)}</td>
      <td data-label="Bounds">{boundsOf(token)}</td>
      <td data-label="Used">
        {lastUsedAt === null
          ? "never"
          : `${timeOf(lastUsedAt)}; today ${count(today.requests)} requests, ${count(today.events)} events`}
      </td>
      <td data-label="State">
        {state}
        {state === "active" && (expiresAt === null ? ", without end" : `, until ${dayOf(expiresAt)}`)}
      </td>
      <td>
        {state !== "revoked" &&
          postButton({
            action: "/settings/tokens",
            act: "revoke",
            text: "Revoke",
            name: `Revoke ${name}`,
            fields: { id },
          })}
      </td>
    </tr>
  );
}

const feedsOf = (feeds: Token["read"]): string => (feeds === "all" ? "all feeds" : feeds.join(", "));

function scopesOf({ admin, read, write }: Token): string {
  if (admin) return "everything (admin)";
  return [write.length > 0 && `write ${feedsOf(write)}`, read.length > 0 && `read ${feedsOf(read)}`]
    .filter(Boolean)
    .join("; ");
}

function boundsOf({ requestsPerSecond, eventsPerSecond, eventsPerDay }: Token): string {
  const bounds = [
    requestsPerSecond !== null && `${count(requestsPerSecond)} requests/s`,
    eventsPerSecond !== null && `${count(eventsPerSecond)} events/s`,
    eventsPerDay !== null && `${count(eventsPerDay)} events/day`,
  ].filter(Boolean);
  return bounds.length === 0 ? "none" : bounds.join(", ");
}

const count = (n: number): string => n.toLocaleString("en-US");
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const tokenForm = (feeds: readonly string[]) => (
  <form method="post" action="/settings/tokens" class="settings-form" aria-labelledby="token-form">
    <h2 id="token-form">New token</h2>
    <label>
      Name: which machine or job
      <input name="name" required maxLength={120} autocomplete="off" />
    </label>
    {feedBoxes("May write events of", "write", feeds)}
    {feedBoxes("May read", "read", feeds)}
    <label class="check">
      <input type="checkbox" name="admin" />
      Admin: may do everything, also make tokens
    </label>
    <label>
      Ends
      <select name="days">
        <option value="30">in 30 days</option>
        <option value="90">in 90 days</option>
        <option value="365" selected>
          in a year
        </option>
        <option value="never">never</option>
      </select>
    </label>
    <fieldset>
      <legend>At most</legend>
      {boundField("Requests per second", "requestsPerSecond")}
      {boundField("Events per second", "eventsPerSecond")}
      {boundField("Events per day (UTC)", "eventsPerDay")}
    </fieldset>
    <div class="actions">
      <button class="primary" name="do" value="create">
        Make the token
      </button>
    </div>
  </form>
);

const feedBoxes = (legend: string, name: string, feeds: readonly string[]) => (
  <fieldset>
    <legend>{legend}</legend>
    {["all", ...feeds].map((feed) => (
      <label key={feed} class="check">
        <input type="checkbox" name={name} value={feed} />
        {feed === "all" ? "all feeds" : feed}
      </label>
    ))}
  </fieldset>
);

const boundField = (label: string, name: string) => (
  <label>
    {label}
    <input name={name} type="number" min={1} step={1} placeholder="no bound" autocomplete="off" />
  </label>
);
