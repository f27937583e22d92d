/**
 * The line under the header of every page: the state of the link, the age of the data, and time travel. On a page of the
 * past a frame says so and leads back (`components/time`).
 */
import { component$, type Signal } from "@builder.io/qwik";
import { HELD_EVENT } from "../follow/held";
import { UTC } from "../ui/time-text";
import { LookKeeper, sinceLastLook } from "../time/since-last-look";
import { timeFrame } from "../time/time-frame";
import { travelMenu } from "../time/travel-menu";
import type { PageState } from "~/web/pages/page-time";
import { ageLine, type DataAge } from "./data-age";

export const stateBar = (age: Signal<DataAge>, state: PageState, note: string | null) => {
  const { at } = state;
  const { lastLook } = state.travel;
  const isOnCallNow = at === null && state.here.split("?", 1)[0] === "/";
  return (
    <>
      {at !== null && timeFrame(state)}
      {isOnCallNow && lastLook !== null && sinceLastLook(lastLook, state.renderedAt, state.age.zone ?? UTC)}
      {isOnCallNow && <LookKeeper />}
      <section class="state" aria-label="State of this page">
        <AgePill age={age} />
        {note && <span class="muted">{note}</span>}
        <span class="grow" />
        {at === null && <Pause age={age} />}
        {travelMenu(state)}
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
