/** What is different about the events that a filter selects. */
import { component$, useSignal } from "@builder.io/qwik";
import type { DifferencesPage } from "~/web/pages/differences-page";
import { chipList, filterForm } from "../filters/filter-form";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { groupDigits } from "../ui/number-text";
import { emptyState } from "../ui/empty-state";
import { exactTime } from "../ui/time-text";
import { differencesMarkup } from "./differences-markup";
import style from "./differences.css?inline";

export const DifferencesView = component$(() => {
  const page = pickPageData<DifferencesPage>("differences")!;
  const { state, title, filter, clearHref, eventsHref } = page;
  const age = useSignal<DataAge>(state.age);
  const frame = state.at === null ? "" : "past";
  const note = state.at === null ? "this page stands still: load it again for newer events" : null;
  return (
    <>
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame}>
        {stateBar(age, state, note)}
        <div class="page">
          <div class="title">
            <h1>What is different</h1>
            <span class="muted">{title}</span>
            <span class="grow" />
            <a class="small" href={eventsHref}>
              The events
            </a>
          </div>
          {filterForm(filter, state.here)}
          {chipList(filter, clearHref)}
          {answerOf(page)}
        </div>
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

function answerOf(page: DifferencesPage) {
  const { selected, rest, isEverything, isCut, from, to, state } = page;
  const zone = state.age.zone ?? "UTC";
  const when = (ms: number) => exactTime(ms, zone).slice(0, 19);
  const cut = isCut ? ", the newest that are in memory" : "";
  const sizes = `${groupDigits(String(selected))} selected against ${groupDigits(String(rest))} others${from === null || to === null ? "" : `, ${when(from)} to ${when(to)}${cut}`}`;
  if (isEverything)
    return (
      <div class="panel-box">
        {emptyState(
          "Choose what is to be explained.",
          "Filter by a value or a text above, such as status FAILED: the events that match are compared with all others of the same time.",
        )}
      </div>
    );
  return (
    <section aria-labelledby="diff-title">
      <div class="section-head">
        <h2 id="diff-title">Fields that tell them from the rest, the most telling first</h2>
        <span class="muted small">{sizes}</span>
      </div>
      {selected === 0 || rest === 0 ? (
        <div class="panel-box">
          {emptyState(
            selected === 0 ? "No event matches." : "All events match.",
            selected === 0 ? "There is nothing to compare." : "There is no rest to compare them with.",
          )}
        </div>
      ) : (
        <div class="diff-list" dangerouslySetInnerHTML={differencesMarkup(page)} />
      )}
      <p class="muted small">
        How much a field tells is the share of what there is to know about being selected that its values give (mutual
        information, less what so few events make by chance). Columns of the filter itself are left out.
      </p>
    </section>
  );
}
