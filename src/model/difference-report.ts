/** What changed between two instants as Markdown for the post-mortem, with pages that can be pinned for good. Pure. */
import { CHANGE_KINDS, type ChangeKind } from "./difference";
import type { Changed, DifferenceSummary, PipelineChange } from "./difference-summary";
import {
  durationWords,
  peopleLines,
  reportLink,
  reportTime,
  type ReportLink,
  type ReportPeople,
} from "./incident-report";
import { codeSpan, markdownLink } from "./markdown-text";
import type { BatchSummary } from "./batch";
import type { Problem } from "./problem";

export interface DifferenceReport {
  feedTitle: string;
  /** Both ends, epoch ms; null = before the first commit. */
  from: number | null;
  to: number | null;
  /** The report was written then, epoch ms. */
  asOf: number;
  /** Rows that changed; null when that is no longer known. */
  changed: number | null;
  summary: DifferenceSummary;
  /** All that changed. */
  problems: readonly Changed<Problem>[];
  batches: readonly Changed<BatchSummary>[];
  /** Addresses of pages of the later instant. */
  urls: {
    problem: (id: string) => string;
    pipeline: (name: string) => string;
    batch: (correlationId: string) => string;
  };
  /** Pages of then. */
  links: readonly ReportLink[];
  /** What was decided about those of the problems that are told of; null when it could not be read. */
  people: readonly { about: Pick<Problem, "pipelineName" | "stageName">; said: ReportPeople }[] | null;
}

export const KIND_WORDS: Record<ChangeKind, string> = {
  newlyFailing: "newly failing",
  recovered: "recovered",
  appeared: "appeared",
  changed: "changed",
  disappeared: "disappeared",
};

/** Of each kind; the others are counted. */
const MOST_PROBLEMS = 25;
const MOST_PIPELINES = 50;
const MOST_BATCHES = 25;

export function differenceMarkdown(report: DifferenceReport): string {
  const { feedTitle, links } = report;
  const sections = [
    `# What changed: ${codeSpan(feedTitle)}`,
    facts(report),
    `## Problems\n\n${problemLines(report)}`,
    `## Pipelines\n\n${pipelineLines(report)}`,
    `## Batches that failed\n\n${batchLines(report)}`,
    `## What people did\n\n${decidedLines(report.people)}`,
    `## Pages of then\n\n${links.map(reportLink).join("\n") || "None: nothing was committed then."}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

const endTime = (at: number | null): string => (at === null ? "before the first commit" : reportTime(at));

function facts({ from, to, asOf, changed, summary }: DifferenceReport): string {
  const { problems, batches, stillFailing } = summary;
  const span = from === null || to === null ? "" : `, ${durationWords(to - from)} later`;
  return [
    `- From: ${endTime(from)}`,
    `- To: ${endTime(to)}${span}`,
    `- Problems: ${countsText(problems)}; ${stillFailing} failed at both`,
    `- Batches: ${countsText(batches)}`,
    `- Rows new or changed: ${changed ?? "no longer known"}`,
    `- Written: ${reportTime(asOf)}`,
  ].join("\n");
}

const countsText = (counts: Readonly<Record<ChangeKind, number>>): string =>
  CHANGE_KINDS.flatMap((kind) => (counts[kind] === 0 ? [] : [`${counts[kind]} ${KIND_WORDS[kind]}`])).join(", ") ||
  "none changed";

function problemLines({ problems, urls }: DifferenceReport): string {
  const parts = CHANGE_KINDS.flatMap((kind) => {
    const all = problems.filter((one) => one.kind === kind);
    if (all.length === 0) return [];
    const lines = all.slice(0, MOST_PROBLEMS).map((one) => problemLine(one, urls));
    return [
      `### ${capital(KIND_WORDS[kind])} (${all.length})\n\n${[...lines, ...more(all.length, MOST_PROBLEMS)].join("\n")}`,
    ];
  });
  return parts.join("\n\n") || "No problem changed.";
}

function problemLine({ before, after }: Changed<Problem>, urls: DifferenceReport["urls"]): string {
  const { id, pipelineName, stageName, error, firstSeen, recoveredAt, count, batches } = (after ?? before)!;
  const more = count - (before?.count ?? 0);
  const facts = [
    `first failure ${reportTime(firstSeen)}`,
    ...(after === null || recoveredAt === null ? [] : [`recovered ${reportTime(recoveredAt)}`]),
    `${count} ${count === 1 ? "failure" : "failures"} in ${batches} ${batches === 1 ? "batch" : "batches"}${before !== null && after !== null && more > 0 ? `, ${more} more` : ""}`,
  ];
  const link = after === null ? "" : ` ${markdownLink("page", urls.problem(id))}`;
  return `- ${codeSpan(pipelineName)} › ${codeSpan(stageName)}: ${codeSpan(error)} (${facts.join("; ")})${link}`;
}

function pipelineLines({ summary, urls }: DifferenceReport): string {
  const { pipelines } = summary;
  const lines = pipelines.slice(0, MOST_PIPELINES).map((own) => pipelineLine(own, urls));
  return [...lines, ...more(pipelines.length, MOST_PIPELINES)].join("\n") || "Nothing changed in any.";
}

function pipelineLine(own: PipelineChange, urls: DifferenceReport["urls"]): string {
  const { pipelineName, before, after, problems, batches } = own;
  const stood = before === after ? after : `${before}, then ${after}`;
  return `- ${codeSpan(pipelineName)}: ${stood}; problems: ${countsText(problems)}; batches: ${countsText(batches)} ${markdownLink("page", urls.pipeline(pipelineName))}`;
}

function batchLines({ batches, urls }: DifferenceReport): string {
  const failed = batches.filter(({ kind }) => kind === "newlyFailing").map(({ after }) => after!);
  const lines = failed.slice(0, MOST_BATCHES).map(({ correlationId, pipelines, startedAt }) => {
    const names = pipelines.map((name) => codeSpan(name)).join(", ");
    return `- ${codeSpan(correlationId)} of ${names}, begun ${reportTime(startedAt)} ${markdownLink("page", urls.batch(correlationId))}`;
  });
  return [...lines, ...more(failed.length, MOST_BATCHES)].join("\n") || "None.";
}

const more = (all: number, shown: number): string[] => (all > shown ? [`- and ${all - shown} more`] : []);

function decidedLines(people: DifferenceReport["people"]): string {
  if (people === null) return peopleLines(null);
  const told = people.filter(({ said }) => said.marks.length + said.notes.length > 0);
  if (told.length === 0) return "Nobody acknowledged or noted anything about these problems.";
  return told
    .map(
      ({ about, said }) => `### ${codeSpan(about.pipelineName)} › ${codeSpan(about.stageName)}\n\n${peopleLines(said)}`,
    )
    .join("\n\n");
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
