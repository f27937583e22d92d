/** One's own account. */
import type { AccountPage } from "~/web/pages/account-page";
import { formError, formOutcome } from "../form/form-outcome";
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
      </div>
      {typeof outcome.done === "string" && (
        <p role="status" class="outcome mark ok">
          {outcome.done}
        </p>
      )}
      {formError(outcome)}
      {page.away !== null && (
        <p role="status" class="outcome mark bad">
          {page.away}
        </p>
      )}
      <p>{whoText(page)}</p>
      <p class="muted">
        Reads {feedsText(page.feeds.read)}; writes {feedsText(page.feeds.write)}.
      </p>
      {page.kind !== "localUser" && (
        <form method="post" action="/sign-out">
          <button type="submit">Sign out</button>
        </form>
      )}
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

function whoText({ kind, name, role, person }: AccountPage): string {
  if (kind === "localUser")
    return "This server is open to everybody at this machine, as one local user who may everything. Set WEIR_SECRET to have people sign in.";
  if (kind === "token") return `You are signed in with ${name}, as ${role}. It is nobody's account: it ends by itself.`;
  return `You are ${name}${person ? ` (${person.email})` : ""}, ${role}.`;
}

const passwordForm = (email: string) => (
  <>
    <h2>Password</h2>
    <form method="post" action="/settings/account" class="account-form">
      <input type="hidden" name="do" value="change-password" />
      <input type="hidden" name="username" autoComplete="username" value={email} />
      <label for="current">Present password</label>
      <input id="current" name="current" type="password" autoComplete="current-password" required />
      <label for="password">New password (12 characters or more)</label>
      <input
        id="password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={12}
        maxLength={128}
      />
      <button type="submit">Change the password</button>
    </form>
  </>
);
