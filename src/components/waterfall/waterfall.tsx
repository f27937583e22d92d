/** The waterfall: a lane per stage, drawn with plain SVG in percent, so it needs no script and fits any width. */
import { component$ } from "@builder.io/qwik";
import type { Attempt, Count } from "~/model/attempt";
import { firstLine, groupDigits } from "../event-table/cell";
import type { LinkValues } from "~/model/link-template";
import { ownerLinkList } from "../owner/owner-line";
import { ownerLinks, type ShownOwner } from "../owner/owner-links";
import { durationText, exactTime, isoTime, type Zone } from "../ui/time-text";
import { safeUrl } from "../ui/safe-url";
import { toneOf } from "../ui/tone";
import { layOut, type Lane, type Waterfall as Layout } from "./lanes";

const LANE_PX = 34;

export interface WaterfallProps {
  attempts: readonly Attempt[];
  /** Where work under way ends, epoch ms. */
  until: number;
  /** Index of the field that leads to the logs, -1 = the feed has none. */
  urlField: number;
  /** Index of the key of an event. */
  keyField: number;
  /** In which the reader wants times. */
  zone: Zone;
  /** What is kept about the pipelines: where logs and reruns are. */
  owners: readonly ShownOwner[];
}

export const Waterfall = component$<WaterfallProps>(({ attempts, until, urlField, keyField, zone, owners }) => {
  const layout = layOut(attempts, until);
  const several = new Set(attempts.map(({ pipelineName }) => pipelineName)).size > 1;
  return (
    <>
      <figure class="fall panel-box" aria-label="Attempts on a time axis; the table below has the same facts">
        <svg class="hatch-source" width="0" height="0" aria-hidden="true">
          <defs>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line x1="0" y1="0" x2="0" y2="6" class="hatch-line" />
            </pattern>
          </defs>
        </svg>
        {axis(layout, zone)}
        {layout.lanes.map((lane) => laneOf(lane, layout, several, until))}
      </figure>
      <AttemptTable
        attempts={layout.lanes.flatMap((lane) => [...lane.attempts])}
        until={until}
        urlField={urlField}
        keyField={keyField}
        zone={zone}
        owners={owners}
      />
    </>
  );
});

const axis = ({ ticks, from, to }: Layout, zone: Zone) => (
  <div class="lane axis" aria-hidden="true">
    <div class="lane-name">{zone}</div>
    <svg height="24">
      {ticks.map(({ at, left }) => (
        <text key={at} x={`${left}%`} y="16" dx={left > 97 ? -4 : 4} text-anchor={left > 97 ? "end" : "start"}>
          {tickText(at, to - from, zone)}
        </text>
      ))}
    </svg>
  </div>
);

function tickText(at: number, span: number, zone: Zone): string {
  const text = exactTime(at, zone);
  if (span > 2 * 86_400_000) return text.slice(5, 16);
  if (span > 600_000) return text.slice(11, 16);
  return span > 5_000 ? text.slice(11, 19) : text.slice(14, 23);
}

const laneOf = (lane: Lane, { ticks }: Layout, several: boolean, until: number) => {
  const last = lane.attempts[lane.attempts.length - 1]!;
  return (
    <div class="lane" key={lane.key}>
      <div class="lane-name">
        <b>{lane.stageName}</b>
        {several && <span class="muted small"> {lane.pipelineName}</span>}
        <div class="small">
          <span class={`mark ${toneOf(last.status)}`}>{last.status}</span>
          {lane.attempts.length > 1 && <span class="muted"> after {lane.attempts.length} attempts</span>}
        </div>
      </div>
      <svg height={LANE_PX + 14} role="presentation">
        {ticks.map(({ at, left }) => (
          <line key={at} x1={`${left}%`} x2={`${left}%`} y1="0" y2="100%" class="tick" />
        ))}
        {lane.gaps.map(({ left, width, ms, kind }) => (
          <rect
            key={`${kind}${left}`}
            x={`${left}%`}
            width={`${width}%`}
            y="12"
            height="24"
            class="gap"
            fill="url(#hatch)"
          >
            <title>{`${kind === "before-retry" ? "Waited before the next attempt" : "Waited to start"}: ${durationText(ms)}`}</title>
          </rect>
        ))}
        {lane.bars.map(({ attempt, ordinal, left, width }) => (
          <g key={ordinal} class={`bar ${toneOf(attempt.status)}`}>
            <rect x={`${left}%`} width={`${width}%`} y="10" height="28" rx="3">
              <title>{`Attempt ${ordinal}: ${attempt.status}, ${durationText(lengthOf(attempt, until))}`}</title>
            </rect>
            {width > 9 && (
              <text x={`${left}%`} dx="8" y="29">
                {durationText(lengthOf(attempt, until))}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
};

const lengthOf = (attempt: Attempt, until: number): number =>
  attempt.durationMs ?? Math.max(0, (attempt.endedAt ?? Math.max(until, attempt.updatedAt)) - attempt.startedAt);

const valuesOf = (
  { pipelineName, stageName, correlationId, attempt, last, updatedAt }: Attempt,
  keyField: number,
): LinkValues => ({
  pipeline: pipelineName,
  stage: stageName,
  batch: correlationId,
  event: String(last[keyField]),
  attempt: String(attempt),
  at: isoTime(updatedAt) ?? "",
});

const countText = (count: Count | null): string => (count === null ? "" : groupDigits(String(count)));

const AttemptTable = component$<WaterfallProps>(({ attempts, until, urlField, keyField, zone, owners }) => (
  <div class="panel-box">
    <table class="plain-table attempts">
      <caption class="quiet">Attempts in the order of their stages</caption>
      <thead>
        <tr>
          <th scope="col" class="w-12">
            Stage
          </th>
          <th scope="col" class="w-8">
            Status
          </th>
          <th scope="col" class="w-12">
            {`Started (${zone})`}
          </th>
          <th scope="col" class="w-6 num">
            Duration
          </th>
          <th scope="col" class="w-6 num">
            Records in
          </th>
          <th scope="col" class="w-6 num">
            Records out
          </th>
          <th scope="col">Error</th>
          <th scope="col" class="w-4">
            Links
          </th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => {
          const { pipelineName, stageName, status, startedAt, rowsIn, rowsOut, error } = attempt;
          const logs = urlField < 0 ? null : safeUrl(attempt.last[urlField]);
          const number = attempt.attempt;
          const owner = owners.find((one) => one.pipelineName === pipelineName);
          const links = ownerLinks(owner, valuesOf(attempt, keyField));
          return (
            <tr key={`${pipelineName}\0${stageName}\0${attempt.attempt}`}>
              <td>
                <b>{stageName}</b> <span class="muted small">{pipelineName}</span>
                {number > 1 && <span class="muted small"> attempt {number}</span>}
              </td>
              <td class={toneOf(status)}>{status}</td>
              <td class="mono">
                <time dateTime={isoTime(startedAt) ?? ""}>{exactTime(startedAt, zone)}</time>
              </td>
              <td class="num" data-label="Duration">
                {durationText(lengthOf(attempt, until))}
              </td>
              <td class="num" data-label="In">
                {countText(rowsIn)}
              </td>
              <td class="num" data-label="Out">
                {countText(rowsOut)}
              </td>
              <td class="error">
                {error === null ? null : error.length <= 160 && !error.includes("\n") ? (
                  error
                ) : (
                  <details>
                    <summary>{firstLine(error)}</summary>
                    <pre>{error}</pre>
                  </details>
                )}
              </td>
              <td>
                {logs !== null && (
                  <a href={logs} rel="noopener noreferrer" target="_blank" aria-label={`Logs of ${stageName}`}>
                    Logs
                  </a>
                )}{" "}
                {ownerLinkList(logs === null ? links : links.filter(({ label }) => label !== "Logs"), stageName)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
));
