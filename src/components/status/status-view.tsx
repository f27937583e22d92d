/** How the program itself is. A picture of the moment: it says of when. */
import { component$ } from "@builder.io/qwik";
import type { StatusPage } from "~/web/pages/status-page";
import { pickPageData } from "../page-data";
import { emptyState } from "../ui/empty-state";
import { listBox, listTable } from "../ui/list-table";
import { mark } from "../ui/mark";
import { noticeLine } from "../ui/notice-line";
import { groupDigits } from "../ui/number-text";
import { withParams } from "../shell/page-url";
import { durationText, exactTime, isoTime } from "../ui/time-text";

export const StatusView = component$(() => {
  const page = pickPageData<StatusPage>("status")!;
  const { past, now, zone, version, startedAt, connections } = page;
  return (
    <main id="main" tabIndex={-1}>
      <div class="page">
        <div class="title">
          <h1>Status</h1>
          <span class="muted small">
            as of {exactTime(now, zone).slice(0, 19)} {zone}
          </span>
          <span class="grow" />
          <a class="button" href={withParams("/status", { at: past?.at ?? null })}>
            Look again
          </a>
        </div>
        {past && noticeLine("part", `The program as it is now: how it was at ${past.text} is not kept.`)}
        <dl class="facts">
          {fact("Version", version)}
          {fact("Running for", durationText(now - startedAt))}
          {fact("Open streams", groupDigits(String(connections)))}
        </dl>
        <section aria-labelledby="parts-title">
          <h2 id="parts-title" class="section-head">
            Parts
          </h2>
          <div class="panel-box">
            {listTable({
              caption: "Parts of the program and how they are",
              columns: [{ label: "Part", width: 12 }, { label: "State", width: 8 }, { label: "What that means" }],
              rows: page.parts.map(partRow),
            })}
          </div>
        </section>
        <section aria-labelledby="feeds-title">
          <h2 id="feeds-title" class="section-head">
            Feeds
          </h2>
          {listBox(
            page.feeds.length === 0,
            emptyState("You may read no feed yet.", "An admin gives rights in the settings, under People."),
            () => feedTable(page),
          )}
        </section>
        <section aria-labelledby="pulls-title">
          <h2 id="pulls-title" class="section-head">
            Subscriptions
          </h2>
          {listBox(
            page.pulls.length === 0,
            emptyState(
              "Nothing is pulled.",
              "WEIR_PUBSUB_SUBSCRIPTIONS names what is; events may also be sent over HTTP.",
            ),
            () =>
              listTable({
                caption: "Subscriptions that are pulled",
                columns: [
                  { label: "Subscription" },
                  { label: "Feed", width: 12 },
                  { label: "State", width: 8 },
                  { label: "In hand", width: 6, isNumber: true },
                ],
                rows: page.pulls.map(({ name, feed, tone, word, detail, inHand }) => (
                  <tr key={name}>
                    <td>
                      <span class="mono">{name}</span>
                      {detail !== "" && <span class="said">{detail}</span>}
                    </td>
                    <td data-label="Feed">{feed}</td>
                    <td>{mark(tone, word)}</td>
                    <td class="num" data-label="In hand">
                      {groupDigits(String(inHand))}
                    </td>
                  </tr>
                )),
              }),
          )}
        </section>
        <p class="muted small">
          For machines: <a href="/healthz">alive</a>, <a href="/readyz">can serve</a>, <a href="/metrics">metrics</a>,{" "}
          <a href="/api/v1/openapi.json">all calls</a>.
        </p>
      </div>
    </main>
  );
});

const fact = (name: string, value: string) => (
  <div key={name}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

const partRow = ({ name, tone, word, detail }: StatusPage["parts"][number]) => (
  <tr key={name}>
    <td>
      <strong>{name}</strong>
    </td>
    <td>{mark(tone, word)}</td>
    <td>{detail}</td>
  </tr>
);

const feedTable = ({ feeds, now, zone }: StatusPage) =>
  listTable({
    caption: "Feeds and how they are",
    columns: [
      { label: "Feed" },
      { label: "State", width: 8 },
      { label: `Newest commit (${zone})`, width: 16 },
      { label: "In memory", width: 6, isNumber: true },
      { label: "Waiting", width: 8, isNumber: true },
      { label: "Dead letters", width: 8, isNumber: true },
    ],
    rows: feeds.map(({ name, title, tone, word, detail, committedAt, rows, staged, deadLetters }) => (
      <tr key={name}>
        <td>
          <a class="where" href={`/feeds/${name}`}>
            {title}
          </a>
          {detail !== "" && <span class="said">{detail}</span>}
        </td>
        <td>{mark(tone, word)}</td>
        <td>
          {committedAt === null ? (
            <span class="muted">no event yet</span>
          ) : (
            <>
              <time class="mono nowrap" dateTime={isoTime(committedAt) ?? ""}>
                {exactTime(committedAt, zone).slice(0, 19)}
              </time>{" "}
              <span class="muted small nowrap">{durationText(now - committedAt)} ago</span>
            </>
          )}
        </td>
        <td class="num" data-label="In memory">
          {groupDigits(String(rows))}
        </td>
        <td class="num" data-label="Waiting">
          {groupDigits(String(staged.events))}
          {staged.oldestAt !== null && <span class="said">for {durationText(now - staged.oldestAt)}</span>}
        </td>
        <td class="num" data-label="Dead letters">
          <a href={`/feeds/${name}/dead-letters`} aria-label={`Dead letters of ${title}: ${deadLetters}`}>
            {groupDigits(String(deadLetters))}
          </a>
        </td>
      </tr>
    )),
  });
