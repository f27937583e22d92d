/**
 * The line under the header of every page: the state of the link, the age of the data, and time travel. On a page of the
 * past a tinted bar says so and leads back; the style sheet frames the whole window.
 */
import { component$, type Signal } from "@builder.io/qwik";
import { HELD_EVENT } from "../follow/held";
import { durationText, exactTime, UTC } from "../ui/time-text";
import type { PageState } from "~/web/pages/page-time";
import { ageLine, type DataAge } from "./data-age";
import { ClockIcon } from "./icons";
import { paramsWithout, withParams } from "./page-url";

export const stateBar = (age: Signal<DataAge>, state: PageState, note: string | null) => {
  const { here, at, viewedAt, agoMs } = state;
  const { committedAt } = state.age;
  const zone = state.age.zone ?? UTC;
  const viewed = exactTime(viewedAt, zone).slice(0, 19);
  const ago = durationText(agoMs);
  const live = withParams(here, { at: null });
  return (
    <>
      {at !== null && (
        <div class="past-bar" role="status">
          <span>
            You are viewing {viewed} {zone}, {ago} ago
          </span>
          <span class="grow" />
          {state.notesHref !== null && (
            <a class="button" href={state.notesHref}>
              Notes
            </a>
          )}
          <a class="button" href={live}>
            Return to live
          </a>
        </div>
      )}
      <section class="state" aria-label="State of this page">
        <AgePill age={age} />
        {note && <span class="muted">{note}</span>}
        <span class="grow" />
        {at === null && <Pause age={age} />}
        {timeTravel(here, at, committedAt)}
      </section>
    </>
  );
};

const AgePill = component$<{ age: Signal<DataAge> }>(({ age }) => {
  const { label, asOf, detail, late } = ageLine(age.value);
  const link = age.value.link;
  return (
    <>
      <span class="pill" data-link={link} id="link-state">
        <span class="dot" aria-hidden="true" />
        {label}
      </span>
      <span class="age" id="data-age">
        {asOf}
        {detail !== "" && <span class={late ? "late" : "muted"}> · {detail}</span>}
      </span>
    </>
  );
});

const Pause = component$<{ age: Signal<DataAge> }>(({ age }) => {
  const { link } = age.value;
  const paused = link === "paused";
  return (
    <>
      {link !== "snapshot" && link !== "ended" && (
        <button
          type="button"
          id="pause"
          aria-pressed={paused ? "true" : "false"}
          aria-keyshortcuts="p"
          title="Hold the page still (p)"
          onClick$={(_, button) => {
            const now = button.getAttribute("aria-pressed") !== "true";
            document.dispatchEvent(new CustomEvent(HELD_EVENT, { detail: now ? "pause" : "go-on" }));
          }}
        >
          {paused ? "Go on" : "Pause"}
        </button>
      )}
    </>
  );
});

const STEPS = ["-15m", "-1h", "-2h", "-6h", "-24h"] as const;

const timeTravel = (here: string, at: string | null, committedAt: number | null) => (
  <details class="travel" id="travel">
    <summary>
      <ClockIcon />
      {at === null ? "Time travel" : "Change time"}
    </summary>
    <div class="panel">
      <form method="get" action={here.split("?", 1)[0]!}>
        {paramsWithout(here, ["at"]).map(([name, value]) => (
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
            value={at === null ? "" : committedAt === null ? at : new Date(committedAt).toISOString()}
          />
        </label>
        <button class="primary">Go</button>
      </form>
      <nav class="steps" aria-label="Earlier times">
        {STEPS.map((step) => (
          <a key={step} class="button" href={withParams(here, { at: step })}>
            {step.replace("-", "−").replace("m", " min").replace("h", " h")}
          </a>
        ))}
      </nav>
      {at === null ? (
        <p class="muted small">Everything on the page, its counts and links too, will be as it was then.</p>
      ) : (
        <a class="button" href={withParams(here, { at: null })}>
          Return to live
        </a>
      )}
    </div>
  </details>
);
