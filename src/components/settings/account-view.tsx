/** One's own account. */
import type { AccountPage } from "~/web/pages/account-page";
import { formError, formOutcome } from "../form/form-outcome";
import { field, newPasswordField } from "../ui/field";
import { noticeLine } from "../ui/notice-line";
import { sessionsTable } from "./sessions-table";

const feedsText = (feeds: AccountPage["feeds"]["read"]): string =>
  feeds === "all" ? "all feeds" : feeds.length === 0 ? "no feed" : feeds.join(", ");

export const accountView = (page: AccountPage) => {
  const outcome = formOutcome();
  const { person } = page;
  return (
    <>
      <div class="title">
        <h1>Account</h1>
        <span class="grow" />
        {page.kind !== "localUser" && (
          <form method="post" action="/sign-out">
            <button type="submit">Sign out</button>
          </form>
        )}
      </div>
      {typeof outcome.done === "string" && noticeLine("ok", outcome.done)}
      {formError(outcome)}
      {page.away !== null && noticeLine("part", page.away)}
      {noAccountText(page)}
      <dl class="facts">
        {fact("Name", page.name)}
        {person !== null && fact("E-mail", person.email)}
        {fact("Role", page.role ?? "none")}
        {fact("Reads", feedsText(page.feeds.read))}
        {fact("Writes", feedsText(page.feeds.write))}
      </dl>
      {person?.ways.includes("password") && passwordForm(person.email)}
      {person !== null && (
        <>
          <h2>Where you are signed in</h2>
          {sessionsTable(page.sessions, "/settings/account")}
        </>
      )}
    </>
  );
};

const fact = (name: string, value: string) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function noAccountText({ kind }: AccountPage) {
  if (kind === "user") return null;
  return (
    <p class="muted">
      {kind === "localUser"
        ? "This server is open to everybody at this machine, as one local user who may do everything. Set WEIR_SECRET to have people sign in."
        : "You are signed in without an account of your own. It ends by itself."}
    </p>
  );
}

const passwordForm = (email: string) => (
  <>
    <h2>Password</h2>
    <form method="post" action="/settings/account" class="settings-form">
      <input type="hidden" name="do" value="change-password" />
      <input type="hidden" name="username" autoComplete="username" value={email} />
      {field({ id: "current", label: "Current password", type: "password", autoComplete: "current-password" })}
      {newPasswordField("New password (12 characters or more)")}
      <div class="actions">
        <button type="submit" class="primary">
          Change the password
        </button>
      </div>
    </form>
  </>
);
