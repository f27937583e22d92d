/** The panels of the page around their rows, as the server writes them. */
import { withParams } from "../shell/page-url";
import { escaped } from "../event-table/markup";
import type { HealthState } from "~/model/pipeline-health";
import type { TableHealthLine } from "~/model/table-health/health";
import type { Around } from "./around";
import { countsMarkup, type Counted } from "./counts-markup";
import { PIPELINE_SORTS, type PipelineSort } from "./pipeline-order";
import type { Panel, Panels } from "./panels";
import { tableLineMarkup } from "./table-line";

export interface Console extends Pick<Counted, "day" | "dayCutAt" | "words"> {
  panels: Panels;
  around: Around;
  sort: PipelineSort;
  states: readonly HealthState[];
  /** Path and query of the page. */
  here: string;
  allProblemsHref: string;
  /** Null while nothing is known of the tables. */
  tables: TableHealthLine | null;
  /** Name of the feed. */
  feed: string;
  tablesHref: string;
}

export const consoleMarkup = (shown: Console): string =>
  `<section aria-labelledby=counts-title><h2 class=quiet id=counts-title>How it stands</h2>` +
  `<ul class=oc-counts id=oc-counts>${countsMarkup({ ...shown, states: shown.panels.counts }, shown.around)}</ul></section>` +
  (shown.words === null ? problemsMarkup(shown) + pipelinesMarkup(shown) : "") +
  `<p class=oc-tables id=oc-tables>${tableLineMarkup(shown.tables, { feed: shown.feed, href: shown.tablesHref, now: shown.around.now, zone: shown.around.zone })}</p>` +
  `<p class=quiet role=status id=oc-said></p>`;

function problemsMarkup({ panels, around, allProblemsHref }: Console): string {
  const { problems } = panels;
  const isPast = around.at !== null;
  const columns = [
    ["", "w-state"],
    ["Pipeline › stage", "w-where"],
    ["Error", ""],
    [`Since (${around.zone})`, "w-since"],
    ["Failures", "w-num num"],
    ["Batches", "w-num num"],
    ["Last 2 hours", "w-trend num"],
    ["Owner", "w-owner"],
    ["", "w-acts"],
  ] as const;
  const head = columns.map(([label, width]) => `<th scope=col class="${width}">${label === "" ? hidden(width) : escaped(label)}`).join(""); // prettier-ignore
  const note = isPast
    ? `<span class="muted small">Acknowledgements, mutes and notes are of the present, not of this instant.</span>`
    : "";
  return panel("problems", "Problems", problems, {
    head,
    note,
    link: `<a class=small href="${escaped(allProblemsHref)}">All problems</a>`,
    empty: `<span class="mark ok">Nothing is failing.</span> <span class=muted>Every stage that failed has completed since.</span>`,
  });
}

const hidden = (width: string): string =>
  `<span class=quiet>${width === "w-state" ? "State" : "What can be done"}</span>`;

const SORT_LABELS: Readonly<Record<PipelineSort, string>> = {
  worst: "State",
  name: "Pipeline",
  duration: "Duration usual → now",
  rows: "Rows now / usual",
  success: "Last success",
};

function pipelinesMarkup({ panels, around, sort, states, here }: Console): string {
  const columns: readonly (readonly [PipelineSort | null, string])[] = [
    ["worst", "w-state"],
    ["name", "w-where"],
    [null, "w-strip"],
    ["duration", "w-dur num"],
    ["rows", "w-rows num"],
    ["success", "w-fresh num"],
    [null, "w-why"],
  ];
  const head = columns
    .map(([by, width]) => {
      if (by === null) return `<th scope=col class="${width}">${width === "w-why" ? "Why" : "Last 30 batches"}`;
      const isOn = by === sort;
      const href = escaped(withParams(here, { sort: by === PIPELINE_SORTS[0] ? null : by }));
      return `<th scope=col class="${width}"${isOn ? ` aria-sort=${by === "duration" ? "descending" : "ascending"}` : ""}><a href="${href}">${SORT_LABELS[by]}</a>`;
    })
    .join("");
  const chips = states.map((state) => {
    const rest = states.filter((other) => other !== state);
    return `<span class=chip><span>State is ${state}</span><a href="${escaped(withParams(here, { state: rest }))}" aria-label="Remove: state is ${state}">✕</a></span>`;
  });
  return panel("pipelines", "Pipelines", panels.pipelines, {
    head,
    note: chips.join(""),
    link: `<a class=small href="${escaped(around.pipelinesHref)}">All pipelines</a>`,
    empty: `<span class=muted>${states.length === 0 ? "No pipeline has run." : "No pipeline is in this state."}</span>`,
  });
}

interface Parts {
  head: string;
  note: string;
  link: string;
  empty: string;
}

const panel = (name: string, title: string, { rows, about }: Panel, { head, note, link, empty }: Parts): string =>
  `<section class="oc-panel oc-${name}" aria-labelledby=${name}-title>` +
  `<div class=section-head><h2 id=${name}-title>${title}</h2><span class="muted small" data-about>${escaped(about)}</span>${note}` +
  `<span role=status><button type=button class=oc-new hidden></button></span><span class=grow></span>${link}</div>` +
  `<div class=oc-scroll id=${name}-box data-scroll><p class=all-well${rows.length > 0 ? " hidden" : ""}>${empty}</p>` +
  `<table class="oc-table pickable"${rows.length === 0 ? " hidden" : ""}><thead><tr>${head}</thead><tbody id=${name}>${rows.map(({ markup }) => markup).join("")}</tbody></table></div></section>`;
