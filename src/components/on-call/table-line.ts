/** One line about the tables beneath the page: is what is shown fresh, and are they in order. It leads to the page of the tables. */
import type { TableHealthLine } from "~/model/table-health/health";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { clockTime, durationText, type Zone } from "../ui/time-text";

const WORST = { ok: ["ok", "in order"], watch: ["wait", "needs a look"], bad: ["bad", "needs care"] } as const;

/**
 * @param line null while nothing is known of them yet
 * @param now epoch ms
 */
export function tableLineMarkup(
  line: TableHealthLine | null,
  { feed, href, now, zone }: { feed: string; href: string; now: number; zone: Zone },
): string {
  const link = `<a class=oc-table-name href="${escaped(href)}"><span class=quiet>Tables of </span>${escaped(feed)}</a>`;
  if (line === null) return `${link} <span>Their health is not known yet: load the page again in a moment.</span>`;
  const [tone, word] = WORST[line.worst];
  /** Each number leads to the check that explains it. */
  const check = (id: string, text: string) => `<a href="${escaped(href)}#${id}">${text}</a>`;
  const parts = [
    line.committedAt === null ? "no commit yet" : check("commit-age", `commit <b data-commit="${line.committedAt}">${durationText(now - line.committedAt)}</b> ago${line.durationP99Ms === null ? "" : `, p99 <b>${durationText(line.durationP99Ms)}</b>`}`), // prettier-ignore
    line.smallFiles === null ? null : check("small-files", `<b>${groupDigits(String(line.smallFiles))}</b> small ${line.smallFiles === 1 ? "file" : "files"}`), // prettier-ignore
    line.clean === "unknown"
      ? null
      : check("clean", `clean ${line.clean === "ok" ? "ok" : `<span class="mark wait">behind</span>`}`),
    line.pending === null || line.pending === 0 ? null : check("pending", `<b>${line.pending}</b> unfinished`),
    line.staged === null || line.staged.events === 0 ? null : `<a href="/status"><b>${groupDigits(String(line.staged.events))}</b> events staged${line.staged.oldestAt === null ? "" : ` for ${durationText(now - line.staged.oldestAt)}`}</a>`, // prettier-ignore
  ];
  const past = line.past.length === 0 ? "" : `: ${line.past.slice(0, 2).map(escaped).join(", ")}`;
  const told = parts.filter((part) => part !== null).map((part) => `<span>${part}</span>`);
  return `${link}<span class="mark ${tone}">${word}${past}</span>${told.join("")}<span>looked at ${clockTime(now, now, zone)}</span>`;
}

/** The age of the commit moves with the clock; the rest stands until it is asked for again. */
export function moveCommitAge(root: ParentNode, committedAt: number | null, now: number): void {
  const age = root.querySelector<HTMLElement>("[data-commit]");
  if (age === null) return;
  const at = Math.max(Number(age.dataset["commit"]), committedAt ?? 0);
  age.dataset["commit"] = String(at);
  const text = durationText(now - at);
  if (age.textContent !== text) age.textContent = text;
}
