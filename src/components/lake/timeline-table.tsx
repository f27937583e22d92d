/** Instants of a timeline, newest first: pending and failed ones too. */
import { bytesText, countText, msText } from "~/model/table-health/amounts";
import { timeOf } from "~/model/instant";
import type { InstantLine } from "~/model/table-health/instants";
import { listTable } from "../ui/list-table";
import { exactTime, type Zone } from "../ui/time-text";
import type { Tone } from "../ui/tone";

export interface TimelineTable {
  caption: string;
  lines: readonly InstantLine[];
  hrefOf: Readonly<Record<string, string>>;
  zone: Zone;
}

export const timelineTable = ({ caption, lines, hrefOf, zone }: TimelineTable) =>
  listTable({
    caption,
    class: "timeline",
    columns: [
      { label: "Instant", width: 12 },
      { label: "Action", width: 8 },
      { label: "State", width: 8 },
      { label: "Took", width: 6, isNumber: true },
      { label: "Rows", width: 12 },
      { label: "Files", width: 8, isNumber: true },
      { label: "Partitions" },
      { label: "Batches", width: 4, isNumber: true },
    ],
    rows: lines.map((line) => rowOf(line, hrefOf[line.instant]!, zone)),
  });

export function stateTone({ action, state }: Pick<InstantLine, "action" | "state">): Tone {
  if (state !== "COMPLETED") return state === "INFLIGHT" ? "run" : "wait";
  return action === "rollback" || action === "restore" ? "bad" : "ok";
}

export const stateWord = ({ state }: Pick<InstantLine, "state">): string =>
  state === "COMPLETED" ? "completed" : state === "INFLIGHT" ? "inflight" : "requested";

const rowOf = (line: InstantLine, href: string, zone: Zone) => {
  const { instant, action, durationMs, files, bytes, batches } = line;
  return (
    <tr key={`${instant}.${action}`}>
      <td>
        <a class="mono" href={href}>
          {instant}
        </a>
        <span class="muted small timeline-time">{exactTime(timeOf(instant), zone).slice(0, 19)}</span>
      </td>
      <td data-label="Action">{action}</td>
      <td class={stateTone(line)}>{stateWord(line)}</td>
      <td class="num" data-label="Took">
        {durationMs === null ? "" : msText(durationMs)}
      </td>
      <td data-label="Rows">{rowsText(line)}</td>
      <td class="num" data-label="Files">
        {files === 0 ? "" : `${countText(files)} (${bytesText(bytes)})`}
      </td>
      <td data-label="Partitions">{partitionsText(line.partitions)}</td>
      <td class="num" data-label="Batches">
        {batches === 0 ? "" : countText(batches)}
      </td>
    </tr>
  );
};

/** `+12 new, 3 changed, 1 gone`. */
export const rowsText = ({
  inserted,
  updated,
  deleted,
}: Pick<InstantLine, "inserted" | "updated" | "deleted">): string =>
  [
    ...(inserted > 0 ? [`${countText(inserted)} new`] : []),
    ...(updated > 0 ? [`${countText(updated)} changed`] : []),
    ...(deleted > 0 ? [`${countText(deleted)} gone`] : []),
  ].join(", ");

const SHOWN = 3;

export const partitionsText = (partitions: readonly string[]): string =>
  partitions.length <= SHOWN
    ? partitions.join(", ")
    : `${partitions.slice(0, SHOWN).join(", ")} and ${countText(partitions.length - SHOWN)} more`;
