/** What one instant did. */
import { component$ } from "@builder.io/qwik";
import { bytesText, countOf, countText, msText } from "~/model/table-health/amounts";
import { timeOf } from "~/model/instant";
import type { InstantDetail } from "~/model/table-health/instants";
import type { TableInstantPage } from "~/web/pages/lake/table-instant-page";
import { pickPageData } from "../page-data";
import { listTable } from "../ui/list-table";
import { mark } from "../ui/mark";
import { exactTime, type Zone } from "../ui/time-text";
import style from "./lake.css?inline";
import { sqlTexts } from "./sql-texts";
import { rowsText, stateTone, stateWord } from "./timeline-table";

export const TableInstantView = component$(() => {
  const { instant, title, zone, actions, lakeHref, links, neighbours, sql } =
    pickPageData<TableInstantPage>("table-instant")!;
  return (
    <>
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1}>
        <div class="page lake">
          <div class="title">
            <h1>
              Instant <span class="mono">{instant}</span>
            </h1>
            <span class="muted">
              {exactTime(timeOf(instant), zone)} · {title}
            </span>
            <span class="grow" />
            {neighbours.earlier === null ? null : <a href={neighbours.earlier}>Earlier</a>}
            {neighbours.later === null ? null : <a href={neighbours.later}>Later</a>}
            <a href={lakeHref}>All instants</a>
          </div>
          {links.length === 0 ? null : (
            <nav class="segmented lake-links" aria-label="This instant elsewhere">
              {links.map(({ label, href }) => (
                <a key={label} href={href}>
                  {label}
                </a>
              ))}
            </nav>
          )}
          {actions.map((action) => actionSection(action, zone))}
          {sqlTexts("Rows that this commit wrote, as SQL", sql)}
        </div>
      </main>
    </>
  );
});

const MOST_LISTED = 500;

const actionSection = (detail: InstantDetail, zone: Zone) => {
  const { table, tableName, action, files, staged, removed, replaced, extra, unknown } = detail;
  const id = `of-${table}-${action}`;
  return (
    <section key={id} aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>
          {action} of {tableName}
        </h2>
        {mark(stateTone(detail), stateWord(detail))}
      </div>
      <dl class="facts panel-box">{factsOf(detail, zone).map(([name, value]) => fact(name, value))}</dl>
      {unknown === null ? null : <p class="muted small">Files and batches are not known here: {unknown}.</p>}
      {files.length === 0 ? null : (
        <div class="panel-box">
          {listTable({
            caption: `Files that ${action} wrote in ${tableName}`,
            columns: [
              { label: "Partition", width: 12 },
              { label: "File" },
              { label: "Rows in it", width: 6, isNumber: true },
              { label: "Of them", width: 12 },
              { label: "Bytes", width: 6, isNumber: true },
              { label: "Replaces", width: 12 },
            ],
            rows: files.slice(0, MOST_LISTED).map((file) => (
              <tr key={file.name}>
                <td>{file.partition === "" ? "the table" : file.partition}</td>
                <td class="mono small">{file.name}</td>
                <td class="num" data-label="Rows">
                  {countText(file.rows)}
                </td>
                <td>{rowsText(file)}</td>
                <td class="num" data-label="Bytes">
                  {bytesText(file.bytes)}
                </td>
                <td class="mono small" data-label="Replaces">
                  {file.previous ?? "new group"}
                </td>
              </tr>
            )),
          })}
        </div>
      )}
      {files.length > MOST_LISTED ? (
        <p class="muted small">
          The first {MOST_LISTED} of {files.length} files.
        </p>
      ) : null}
      {textList("Staged batches that it took", staged)}
      {textList(action === "clean" ? "Files that it deleted" : "Instants that it undid", removed)}
      {textList(
        "File groups that it replaced",
        replaced.flatMap(({ partition, fileIds }) => fileIds.map((group) => `${partition}/${group}`)),
      )}
      {textList(
        "What else its metadata says",
        extra.map(([key, value]) => `${key}: ${value}`),
      )}
    </section>
  );
};

const fact = (name: string, value: string) => (
  <div key={name}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

const factsOf = (detail: InstantDetail, zone: Zone): [string, string][] => {
  const { operation, completedAt, durationMs, files, bytes, partitions, fence, versions, staged, keptSince } = detail;
  return [
    ["Requested", exactTime(timeOf(detail.instant), zone)],
    ["Completed", completedAt === null ? "not yet" : exactTime(completedAt, zone)],
    ...(durationMs === null ? [] : [["Took", msText(durationMs)] as [string, string]]),
    ...(operation === null ? [] : [["Operation", operation] as [string, string]]),
    ["Rows", rowsText(detail) || "none"],
    ["Files", `${countText(files.length)} (${bytesText(bytes)})`],
    ["Partitions", countText(partitions.length)],
    ["Staged batches", countText(staged.length)],
    ...(versions === null ? [] : [["Versions that the log took", countText(versions)] as [string, string]]),
    ["Fencing number", fence === null ? "none: its writer shares the lake with nobody" : countText(fence)],
    ...(keptSince === null ? [] : [["Everything is kept since", keptSince] as [string, string]]),
  ];
};

/** Of an unknown length: open when it is short. */
const textList = (title: string, texts: readonly string[]) =>
  texts.length === 0 ? null : (
    <details class="panel-box sql-text" open={texts.length <= 5}>
      <summary>
        {title} ({countOf(texts.length, "entry", "entries")})
      </summary>
      <ul class="texts mono small">
        {texts.slice(0, MOST_LISTED).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {texts.length > MOST_LISTED ? (
        <p class="muted small">… and {countText(texts.length - MOST_LISTED)} more.</p>
      ) : null}
    </details>
  );
