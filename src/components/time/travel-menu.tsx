/** What leads from a page to another moment: a field, steps, and in the present the line of time and the pin as well. */
import type { PageState } from "~/web/pages/page-time";
import { ClockIcon } from "../shell/icons";
import { paramsWithout, withParams } from "../shell/page-url";
import { UTC } from "../ui/time-text";
import { keepForms } from "./keep-menu";
import { OF_A_MOMENT, scrubber } from "./scrubber";
import { stepLink } from "./time-frame";

const MINUTE_MS = 60_000;
const STEPS = [
  ["−24 h", -1_440],
  ["−6 h", -360],
  ["−1 h", -60],
  ["−15 min", -15],
] as const;
const STEPS_ON = [...STEPS.slice(1), ["+15 min", 15], ["+1 h", 60], ["+6 h", 360]] as const;

export const travelMenu = (state: PageState) => {
  const { here, at, viewedAt, renderedAt, travel } = state;
  const { committedAt } = state.age;
  const zone = state.age.zone ?? UTC;
  const written = at === null ? "" : committedAt === null ? at : new Date(committedAt).toISOString();
  // Beyond now there is nothing to go to.
  const steps = at === null ? STEPS : STEPS_ON.filter(([, minutes]) => viewedAt + minutes * MINUTE_MS < renderedAt);
  return (
    <details class="travel" id="travel">
      <summary>
        <ClockIcon />
        {at === null ? "Time travel" : "Change time"}
      </summary>
      <div class="panel">
        {momentForm(here, written)}
        <nav class="steps" aria-label="Steps in time">
          {steps.map(([label, minutes]) => (
            <a key={label} class="button" href={stepHref(here, at, viewedAt, minutes)}>
              {label}
            </a>
          ))}
          {at === null && stepLink("step-prev", "Previous", "‹", travel.prevHref, "[")}
        </nav>
        {at === null ? (
          <>
            {scrubber({ line: travel.line, here, viewedAt, now: renderedAt, zone })}
            <p class="muted small">Everything on the page, its counts and links too, will be as it was then.</p>
            {keepForms(state)}
          </>
        ) : (
          <a class="button" href={withParams(here, { at: null, vs: null, done: null })}>
            Return to live
          </a>
        )}
        {differenceForm(here, travel.instant, at, written)}
      </div>
    </details>
  );
};

/** In the present a step is counted from the moment that the link is followed. */
const stepHref = (here: string, at: string | null, viewedAt: number, minutes: number): string =>
  withParams(here, {
    at: at === null ? `${minutes}m` : new Date(viewedAt + minutes * MINUTE_MS).toISOString(),
    vs: null,
    done: null,
  });

const momentForm = (here: string, written: string) => (
  <form method="get" action={here.split("?", 1)[0]!}>
    {paramsWithout(here, OF_A_MOMENT).map(([name, value]) => (
      <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
    ))}
    <label>
      Show the page as of (UTC)
      <input
        name="at"
        id="travel-at"
        required
        autocomplete="off"
        spellcheck={false}
        placeholder="2026-11-21T10:15Z or -2h"
        value={written}
      />
    </label>
    <button class="primary">Go</button>
  </form>
);

const differenceForm = (here: string, instant: string | null, at: string | null, written: string) =>
  instant === null ? null : (
    <form method="get" action="/">
      <input type="hidden" name="at" value={at === null ? "now" : written} />
      <label>
        {at === null ? "What changed since (UTC)" : "What changed between then and (UTC)"}
        <input name="vs" required autocomplete="off" spellcheck={false} placeholder="2026-11-21T09:15Z or -2h" />
      </label>
      <button>Compare</button>
    </form>
  );
