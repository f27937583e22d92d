/** Everybody who may sign in, and who is invited. */
import type { PeoplePage } from "~/web/pages/people-page";
import { formError, formOutcome, type FormOutcome } from "../form/form-outcome";
import { field } from "../ui/field";
import { noticeLine } from "../ui/notice-line";
import { exactTime } from "../ui/time-text";
import { sessionsTable } from "./sessions-table";

type Person = PeoplePage["people"][number];

const HERE = "/settings/people";
const ROLES = [
  ["viewer", "viewer: looks"],
  ["operator", "operator: looks and acts"],
  ["admin", "admin: everything"],
] as const;

export const peopleView = (page: PeoplePage) => {
  const outcome = formOutcome();
  return (
    <>
      <div class="title">
        <h1>People</h1>
      </div>
      {page.isOpen && (
        <p class="muted">
          This server asks nobody to sign in: everybody at this machine is the local user. Set WEIR_SECRET to have
          people sign in.
        </p>
      )}
      {page.away !== null && noticeLine("part", page.away)}
      {outcomeOf(outcome)}
      {formError(outcome)}
      <h2>Who has an account</h2>
      {page.people.length === 0 ? (
        <p class="muted">Nobody yet.</p>
      ) : (
        <ul class="people panel-box">{page.people.map((person) => personItem(person, page.feeds))}</ul>
      )}
      {page.chosen !== null && (
        <>
          <h2 id="sessions">Where {page.chosen.person.name} is signed in</h2>
          {sessionsTable(page.chosen.sessions, `${HERE}?user=${page.chosen.person.id}`)}
        </>
      )}
      {inviteForm(outcome, page.feeds)}
      {page.invitations.length > 0 && invitationList(page.invitations)}
    </>
  );
};

/** A link is shown this once; anything else that was done is a sentence. */
function outcomeOf({ done }: FormOutcome) {
  if (typeof done === "string") return noticeLine("ok", done);
  if (done === null) return null;
  const { link, email } = done as { link: string; email: string };
  return (
    <div role="status" class="made">
      <p class="outcome mark ok">The invitation is made.</p>
      <div class="field">
        <label for="link">Give this link to {email}. It is shown this once and goes for a week.</label>
        <textarea id="link" class="mono" readOnly rows={2} spellcheck={false} value={link} />
      </div>
    </div>
  );
}

const personItem = (person: Person, feeds: readonly string[]) => (
  <li key={person.id}>
    <div class="person">
      <span>
        <strong>{person.name}</strong> <span class="muted">{person.email}</span>
      </span>
      <span class="grow" />
      <span class={person.isDisabled ? "bad" : undefined}>{person.isDisabled ? "disabled" : person.role}</span>
      <span class="muted">signs in by {person.ways.join(", ") || "nothing"}</span>
      <a href={`${HERE}?user=${person.id}#sessions`}>
        {person.sessions} open {person.sessions === 1 ? "session" : "sessions"}
        <span class="quiet"> of {person.name}</span>
      </a>
    </div>
    <details>
      <summary>
        Change <span class="quiet">{person.name}</span>
      </summary>
      <form method="post" action={HERE} class="settings-form">
        <input type="hidden" name="id" value={person.id} />
        {roleSelect(`role-${person.id}`, person.role)}
        <div class="actions">
          <button type="submit" name="do" value="set-role">
            Set the role
          </button>
        </div>
      </form>
      <form method="post" action={HERE} class="settings-form">
        <input type="hidden" name="id" value={person.id} />
        {feedBoxes("read", person.feeds.read, feeds, person.id)}
        {feedBoxes("write", person.feeds.write, feeds, person.id)}
        <div class="actions">
          <button type="submit" name="do" value="set-feed-rights">
            Set the feeds
          </button>
        </div>
      </form>
      <form method="post" action={HERE} class="settings-form">
        <input type="hidden" name="id" value={person.id} />
        <div class="actions">
          <button type="submit" name="do" value={person.isDisabled ? "enable" : "disable"}>
            {person.isDisabled ? "Let in again" : "Disable, and end all sessions"}
          </button>
        </div>
      </form>
    </details>
  </li>
);

const roleSelect = (id: string, chosen: string) => (
  <div class="field">
    <label for={id}>Role</label>
    <select id={id} name="role">
      {ROLES.map(([role, label]) => (
        <option key={role} value={role} selected={role === chosen}>
          {label}
        </option>
      ))}
    </select>
  </div>
);

const feedBoxes = (
  right: "read" | "write",
  allowed: "all" | readonly string[],
  feeds: readonly string[],
  of: string,
) => (
  <fieldset>
    <legend>{right === "read" ? "Reads" : "Writes"}</legend>
    {["*", ...feeds].map((feed) => (
      <label key={feed} class="check" for={`${right}-${feed}-${of}`}>
        <input
          type="checkbox"
          id={`${right}-${feed}-${of}`}
          name={right}
          value={feed}
          checked={feed === "*" ? allowed === "all" : allowed !== "all" && allowed.includes(feed)}
        />
        {feed === "*" ? "all feeds" : feed}
      </label>
    ))}
  </fieldset>
);

const inviteForm = ({ values, error }: FormOutcome, feeds: readonly string[]) => (
  <>
    <h2>Invite somebody</h2>
    <form method="post" action={HERE} class="settings-form">
      {field({
        id: "email",
        label: "E-mail",
        type: "email",
        autoComplete: "off",
        value: values["email"],
        describedBy: error === null ? undefined : "form-error",
      })}
      {roleSelect("role", values["role"] ?? "viewer")}
      {feedBoxes("read", "all", feeds, "new")}
      {feedBoxes("write", "all", feeds, "new")}
      <p class="small muted">Whatever is ticked, viewers write to no feed, and admins read and write all of them.</p>
      <div class="actions">
        <button type="submit" name="do" value="invite" class="primary">
          Make a link
        </button>
      </div>
    </form>
  </>
);

const invitationList = (invitations: PeoplePage["invitations"]) => (
  <>
    <h2>Invited</h2>
    <ul class="people panel-box">
      {invitations.map(({ id, email, role, expiresAt, invitedBy }) => (
        <li key={id}>
          <form method="post" action={HERE} class="person">
            <strong>{email}</strong>
            <span class="grow" />
            <span>{role}</span>
            <span class="muted">
              by {invitedBy.name}, until {exactTime(expiresAt).slice(0, 16)} UTC
            </span>
            <input type="hidden" name="id" value={id} />
            <button
              type="submit"
              name="do"
              value="revoke-invitation"
              aria-label={`Withdraw the invitation of ${email}`}
            >
              Withdraw
            </button>
          </form>
        </li>
      ))}
    </ul>
  </>
);
