/** The counts as markup, and writing them again in place. */
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { eventsHref, inTime, type Around } from "./around";
import { countDay, rateText, type OnCallCounts } from "./counts";
import type { StatusWords } from "./on-call-data";
import { shortNumber } from "./short-number";
import type { HealthState } from "~/model/pipeline-health";
import { HEALTH_TONE } from "../pipeline/worst-first";
import { toneOf } from "../ui/tone";

/** In the order of the questions: what is broken, what may be, what goes on. */
const SHOWN: readonly HealthState[] = ["failing", "retrying", "silent", "lost", "late", "slow", "few rows", "running"];

interface Shown {
  /** Part of the element's id. */
  name: string;
  tone: string;
  word: string;
  value: string;
  more: string;
  href: string;
  isZero: boolean;
}

/** What is counted. */
export interface Counted {
  states: OnCallCounts;
  /** Events per status over the last 24 hours. */
  day: Readonly<Record<string, number>>;
  /** Of how many events that is, where it is not of the whole day. */
  dayCutAt: number | null;
  /** For feeds whose events are no attempts: they have no pipelines, and each status word is counted. */
  words: StatusWords | null;
}

const shownCounts = (counted: Counted, around: Around): Shown[] =>
  counted.words === null
    ? [...stateCounts(counted.states, around), ...dayCounts(counted, around)]
    : wordCounts(counted.words, counted.day, around);

const shown = (name: string, tone: string, word: string, count: number, more: string, href: string): Shown => {
  return { name, tone, word, value: groupDigits(String(count)), more, href, isZero: count === 0 };
};

const stateCounts = ({ states, newlyFailing }: OnCallCounts, { at, feed }: Around): Shown[] =>
  SHOWN.map((state) => {
    const more = state === "failing" && newlyFailing > 0 ? `${newlyFailing} new` : "";
    return shown(
      state.replace(" ", "-"),
      HEALTH_TONE[state],
      state,
      states[state],
      more,
      inTime(
        `/pipelines?state=${state.replace(" ", "+")}${feed === null ? "" : `&feed=${encodeURIComponent(feed)}`}`,
        at,
      ),
    );
  });

function dayCounts({ day, dayCutAt }: Counted, around: Around): Shown[] {
  const ended = countDay(day);
  const of = dayCutAt === null ? "24 h" : `of newest ${shortNumber(dayCutAt)}`;
  return [
    shown("done", "ok", `done ${of}`, ended.done, rateText(ended), eventsOf(around, "status", "COMPLETED")),
    shown("failed", "bad", `failed ${of}`, ended.failed, "", eventsOf(around, "status", "FAILED")),
  ];
}

function wordCounts({ field, known }: StatusWords, day: Counted["day"], around: Around): Shown[] {
  const words = [...known, ...Object.keys(day).filter((word) => !known.includes(word))];
  return words.map((word, i) => {
    return shown(`word-${i}`, toneOf(word), word, day[word] ?? 0, "", eventsOf(around, field, word));
  });
}

const eventsOf = (around: Around, field: string, word: string): string => eventsHref(around, [[field, word]]);

export const countsMarkup = (counted: Counted, around: Around): string =>
  shownCounts(counted, around)
    .map(
      ({ name, tone, word, value, more, href, isZero }) =>
        `<li id="n-${name}"${isZero ? " class=zero" : ""}><a href="${escaped(href)}"><span class="mark ${tone}">${escaped(word)}</span> <b>${value}</b> <span class=more>${more}</span></a></li>`,
    )
    .join("");

/** The numbers that are there change in place; nothing else does. */
export function writeCounts(list: Element, counted: Counted, around: Around): void {
  for (const { name, word, value, more, isZero } of shownCounts(counted, around)) {
    const item = list.querySelector(`#n-${name}`);
    if (item === null) continue;
    item.classList.toggle("zero", isZero);
    write(item.querySelector(".mark"), word);
    write(item.querySelector("b"), value);
    write(item.querySelector(".more"), more);
  }
}

function write(element: Element | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text;
}
