/** Where somebody is signed in, with a button to end it. */
import type { AccountPage } from "~/web/pages/account-page";
import { exactTime, isoTime } from "../ui/time-text";

export const sessionsTable = (sessions: AccountPage["sessions"], action: string) =>
  sessions.length === 0 ? (
    <p class="muted">No open sessions.</p>
  ) : (
    <div class="panel-box" tabIndex={0} role="region" aria-label="Open sessions">
      <table class="plain-table">
        <caption class="quiet">Open sessions, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Signed in (UTC)</th>
            <th scope="col">From</th>
            <th scope="col">With</th>
            <th scope="col">
              <span class="quiet">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ id, createdAt, ip, userAgent, isCurrent }) => (
            <tr key={id}>
              <td>
                <time dateTime={isoTime(createdAt) ?? ""}>{exactTime(createdAt)}</time>
              </td>
              <td>{ip ?? "unknown"}</td>
              <td class="wrap">{(userAgent ?? "unknown").slice(0, 120)}</td>
              <td>
                {isCurrent ? (
                  <span class="muted">this one</span>
                ) : (
                  <form method="post" action={action}>
                    <input type="hidden" name="do" value="end-session" />
                    <button
                      type="submit"
                      name="id"
                      value={id}
                      aria-label={`End the session of ${exactTime(createdAt)}`}
                    >
                      End
                    </button>
                  </form>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
