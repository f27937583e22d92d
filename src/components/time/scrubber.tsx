/**
 * The line of time: commits above it, failures below it, and a slider that leads to any moment. It is a GET form, so it works
 * without script; with script it tells the moment while it is moved. Its times are of now, also on a page of the past.
 */
import { $ } from "@builder.io/qwik";
import { timeOf } from "~/model/instant";
import type { TimeLine } from "~/model/time-line";
import { groupDigits } from "../ui/number-text";
import { paramsWithout } from "../shell/page-url";
import { durationText, exactTime, UTC, type Zone } from "../ui/time-text";
import { barsPath, HALF, sumOf } from "./line-shape";
import { scrub } from "./scrub";
import { sliderSteps } from "./slider-steps";

/** Parameters that a page of another moment does not take over. */
export const OF_A_MOMENT = ["at", "vs", "done"];

export interface ScrubberAbout {
  line: TimeLine;
  /** Path and query of the page. */
  here: string;
  /** The moment that the page is of, epoch ms. */
  viewedAt: number;
  now: number;
  zone: Zone;
}

export const scrubber = ({ line, here, viewedAt, now, zone }: ScrubberAbout) => {
  const { from, to, slotMs, commits, failures, failuresFrom } = line;
  const slots = (to - from) / slotMs;
  const { min, max, stepMs, value } = sliderSteps(line, viewedAt);
  const shown = `${exactTime(viewedAt, zone).slice(0, 19)} ${zone}`;
  const [first, last] = [from, to].map((ms) => exactTime(ms, zone).slice(0, 16));
  const unknown = failuresFrom === null ? 0 : Math.min(Math.max((failuresFrom - from) / slotMs, 0), slots);
  const path = here.split("?", 1)[0]!;
  const about = lineText(line, `${first} to ${last} ${zone}`);
  const commitsPath = commits === null ? "" : barsPath(commits, "up");
  const failuresPath = failures === null ? "" : barsPath(failures, "down");
  const zoneData = zone === UTC ? undefined : zone;
  return (
    <form method="get" action={path} class="scrubber">
      {paramsWithout(here, OF_A_MOMENT).map(([name, param]) => (
        <input key={`${name}=${param}`} type="hidden" name={name} value={param} />
      ))}
      <span class="start">{first}</span>
      <div class="line">
        <svg viewBox={`0 0 ${slots} ${HALF * 2}`} preserveAspectRatio="none" role="img" aria-label={about}>
          {unknown > 0 && failures !== null ? (
            <rect class="unknown" x="0" y={HALF} width={unknown} height={HALF} />
          ) : null}
          <path class="commits" d={commitsPath} />
          <path class="failures" d={failuresPath} />
          <path class="axis" d={`M0 ${HALF}h${slots}`} />
        </svg>
        <input
          type="range"
          name="at"
          aria-label="Moment to show"
          min={min}
          max={max}
          step={stepMs}
          value={value}
          aria-valuetext={shown}
          data-zone={zoneData}
          onPointerDown$={$((event: Event, slider: HTMLInputElement) => scrub(event, slider))}
          onInput$={$((event: Event, slider: HTMLInputElement) => scrub(event, slider))}
          onChange$={$((event: Event, slider: HTMLInputElement) => scrub(event, slider))}
        />
      </div>
      <span class="end">{to > now ? "now" : last}</span>
      <output aria-live="off">{shown}</output>
      <button>Show</button>
      <p class="legend">
        <span class="key commits" aria-hidden="true" /> commits{" "}
        {failures !== null && (
          <>
            <span class="key failures" aria-hidden="true" /> failures{" "}
            {unknown > 0 && <span>(not known before {exactTime(failuresFrom!, zone).slice(0, 16)}) </span>}
          </>
        )}
        <span class="reach">{reachText(line, zone)}</span>
      </p>
    </form>
  );
};

function lineText({ commits, failures }: TimeLine, range: string): string {
  const some = (counts: readonly number[], what: string) => `${groupDigits(String(sumOf(counts)))} ${what}`;
  const parts = [
    commits === null ? "commits are still being counted" : some(commits, "commits"),
    ...(failures === null ? [] : [some(failures, "failures")]),
  ];
  return `${range}: ${parts.join(", ")}`;
}

/** How far back pages can be shown, and for how long. */
function reachText({ oldest, keptMs }: Pick<TimeLine, "oldest" | "keptMs">, zone: Zone): string {
  if (oldest === null) return "";
  const kept = keptMs === null ? "" : `; each moment is kept for ${durationText(keptMs)}, pinned ones for good`;
  return `· the past reaches back to ${exactTime(timeOf(oldest), zone).slice(0, 16)} ${zone}${kept}`;
}
