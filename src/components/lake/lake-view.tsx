/** The page about the tables of a feed. Nothing of it is state of the framework but the age in its bar. */
import { component$, useSignal } from "@builder.io/qwik";
import { bytesText, countText, msText } from "~/model/table-health/amounts";
import type { Check } from "~/model/table-health/check";
import type { LakePage } from "~/web/pages/lake/lake-page";
import { charts, chartStyle } from "../chart/charts";
import { pickPageData } from "../page-data";
import { FollowFresh } from "../follow/follow-fresh";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { emptyState } from "../ui/empty-state";
import { mark } from "../ui/mark";
import { segmented } from "../ui/segmented";
import { stat } from "../ui/stat";
import { UTC } from "../ui/time-text";
import { CHECK_TONES } from "./check-tone";
import { checkList } from "./checks";
import style from "./lake.css?inline";
import { sqlTexts } from "./sql-texts";
import { timelineAxis } from "./timeline-axis";
import { timelineTable } from "./timeline-table";

const WORST = { ok: "every check within its limit", watch: "something to watch", bad: "past a limit" } as const;

export const LakeView = component$(() => {
  const page = pickPageData<LakePage>("lake")!;
  const { state, title, feed, worst, timeline } = page;
  const age = useSignal<DataAge>(state.age);
  const zone = state.age.zone ?? UTC;
  const frame = state.at === null ? "" : "past";
  const renderedAt = state.renderedAt;
  const spec = page.follow === null ? "" : JSON.stringify(page.follow);
  const hrefOf = (instant: string) => timeline.hrefOf[instant] ?? `/lake/${feed.name}/${instant}`;
  const current = page.tables.find(({ isCurrent }) => isCurrent);
  const segments = page.tables.map(({ role, name, href, isCurrent }) => ({
    label: `${role} ${name}`,
    href,
    isCurrent,
  }));
  const axis = timelineAxis(timeline.lines, zone);
  return (
    <>
      {chartStyle()}
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, page.note)}
        <div class="page lake">
          <div class="title">
            <h1>Tables of {title}</h1>
            <span data-part="worst">{mark(CHECK_TONES[worst], WORST[worst])}</span>
            <span class="grow" />
            <a class="small" href={feed.href}>
              Events
            </a>
          </div>
          <div data-part="summary">{summary(page)}</div>
          {page.charts.length === 0 ? null : <h2 class="quiet">Commits over time</h2>}
          <div data-part="charts">{page.charts.length === 0 ? null : charts("Commits over time", page.charts)}</div>
          <section aria-labelledby="health-title" class="health">
            <div class="section-head">
              <h2 id="health-title">Health checks</h2>
              <span class="grow" />
              {page.countHref === null ? null : (
                <a class="small" href={page.countHref}>
                  Count keys in several partitions
                </a>
              )}
            </div>
            <div data-part="checks">{checkList(page.checks, hrefOf)}</div>
          </section>
          <section aria-labelledby="timeline" class="timeline-box">
            <div class="section-head">
              <h2 id="timeline">Timeline</h2>
              {segments.length > 1 ? segmented("Tables", segments) : null}
              <span class="grow" />
              {timeline.newestHref === null ? null : <a href={timeline.newestHref}>Newest instants</a>}
              {timeline.olderHref === null ? null : <a href={timeline.olderHref}>Older instants</a>}
            </div>
            <div class="panel-box" data-part="timeline">
              {axis}
              {timeline.lines.length === 0
                ? emptyState(
                    "There is no instant here.",
                    "The active timeline begins later, or nothing was committed yet.",
                  )
                : timelineTable({
                    caption: `Instants of ${current?.name ?? feed.name}, newest first`,
                    lines: timeline.lines,
                    hrefOf: timeline.hrefOf,
                    zone,
                  })}
            </div>
          </section>
          {sqlTexts("These rows as SQL", page.sql)}
        </div>
        {page.follow === null ? null : <FollowFresh age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, zone)}
    </>
  );
});

const summary = ({ checks, line }: LakePage) => {
  const first = checks.find((check) => check.id === "commit-gap")?.table ?? "table";
  const of = (id: string, table: string | null): Check | undefined =>
    checks.find((check) => check.id === id && check.table === table);
  const one = (id: string, label: string, text: (check: Check) => string, isOfFeed = false) => {
    const check = of(id, isOfFeed ? null : first);
    if (!check) return null;
    const value = check.state === "unknown" ? "not known" : check.number === null ? "none yet" : text(check);
    const tone = check.state === "watch" || check.state === "bad" ? CHECK_TONES[check.state] : undefined;
    return stat({ label, value, href: `#${id}`, tone });
  };
  return (
    <div class="counts lake-stats">
      {one("commit-age", "Last commit", ({ number }) => `${msText(number!)} ago`, true)}
      {one("commit-duration", "Commit p99", ({ number }) => msText(number!))}
      {one("pending", "Pending", ({ number }) => countText(number!))}
      {one("small-files", "Small files", ({ number }) => countText(number!))}
      {one("clean", "Superseded", ({ number }) => bytesText(number!))}
      {one("reach", "Reach", ({ number }) => msText(number!), true)}
      {line.staged === null
        ? null
        : stat({ label: "Staged", value: countText(line.staged.events), href: "#commit-age" })}
    </div>
  );
};
