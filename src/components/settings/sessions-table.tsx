/** Where somebody is signed in, with a button to end it. */
import type { AccountPage } from "~/web/pages/account-page";
import { listTable } from "../ui/list-table";
import { exactTime, isoTime } from "../ui/time-text";

/** `2026-11-21 10:15:00`, UTC. */
const secondOf = (ms: number): string => exactTime(ms).slice(0, 19);

export const sessionsTable = (sessions: AccountPage["sessions"], action: string) =>
  sessions.length === 0 ? (
    <p class="muted">No open sessions.</p>
  ) : (
    <div class="panel-box">
      {listTable({
        caption: "Open sessions, newest first",
        columns: [
          { label: "Signed in (UTC)", width: 12 },
          { label: "From", width: 12 },
          { label: "With" },
          { label: "What to do", width: 8, isQuiet: true },
        ],
        rows: sessions.map(({ id, createdAt, ip, userAgent, isCurrent }) => (
          <tr key={id}>
            <td>
              <time dateTime={isoTime(createdAt) ?? ""}>{secondOf(createdAt)}</time>
            </td>
            <td data-label="From">{ip ?? "unknown"}</td>
            <td data-label="With">{(userAgent ?? "unknown").slice(0, 120)}</td>
            <td>
              {isCurrent ? (
                <span class="muted">this one</span>
              ) : (
                <form method="post" action={action}>
                  <input type="hidden" name="do" value="end-session" />
                  <button type="submit" name="id" value={id} aria-label={`End the session of ${secondOf(createdAt)}`}>
                    End
                  </button>
                </form>
              )}
            </td>
          </tr>
        )),
      })}
    </div>
  );
