/** An incident as Markdown for the post-mortem: what, since when, whom it hit, what was done, and pages of then. Pure. */
import { codeBlock, codeSpan, markdownLink } from "./markdown-text";
import type { Problem } from "./problem";

export interface IncidentReport {
  problem: Problem;
  feedTitle: string;
  /** The message of the newest failure in full. */
  message: string;
  /** The report is of this moment, epoch ms like all times here. */
  asOf: number;
  /** Ids of its batches with addresses of their pages, those hit last first, and how many there are. */
  batches: readonly { id: string; url: string }[];
  batchesInAll: number;
  /** What became of the stage, oldest first, from the first failure on; some are left out in the middle. */
  steps: readonly { at: number; status: string; batch: string; attempt: number }[];
  stepsLeftOut: number;
  /** Pages of then. */
  links: readonly ReportLink[];
  /** Null when what people decided could not be read. */
  people: ReportPeople | null;
}

export interface ReportLink {
  label: string;
  url: string;
  pinned: boolean;
}

export interface ReportPeople {
  marks: readonly ReportMark[];
  notes: readonly ReportNote[];
}

export interface ReportMark {
  kind: "acknowledgement" | "mute";
  by: string;
  reason: string;
  createdAt: number;
  endedAt: number | null;
}

export interface ReportNote {
  by: string;
  at: number;
  text: string;
}

export function incidentMarkdown(report: IncidentReport): string {
  const { problem, feedTitle, message, asOf } = report;
  const sections = [
    `# Incident: ${codeSpan(problem.pipelineName)} › ${codeSpan(problem.stageName)}`,
    facts(problem, feedTitle, asOf),
    `## Error\n\n${message === "" ? "The failures have no message." : codeBlock(message)}\n\nFailures are grouped because: ${codeSpan(problem.reason)}.`,
    `## Affected batches (${report.batchesInAll})\n\n${batchLines(report)}`,
    `## Timeline\n\n${stepLines(report)}`,
    `## What people did\n\n${peopleLines(report.people)}`,
    `## Pages of then\n\n${report.links.map(reportLink).join("\n")}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function facts(problem: Problem, feedTitle: string, asOf: number): string {
  const { state, firstSeen, lastSeen, recoveredAt, count, batches } = problem;
  const lines = [
    `- State: ${state} (as of ${reportTime(asOf)})`,
    `- First failure: ${reportTime(firstSeen)}`,
    `- Last failure: ${reportTime(lastSeen)}`,
    `- Recovered: ${recoveredAt === null ? "not yet" : `${reportTime(recoveredAt)}, ${durationWords(recoveredAt - firstSeen)} after the first failure`}`,
    `- Failures: ${count} in ${batches} batches of ${codeSpan(feedTitle)}`,
  ];
  return lines.join("\n");
}

const batchLines = ({ batches, batchesInAll }: IncidentReport): string =>
  [
    ...batches.map(({ id, url }) => `- ${codeSpan(id)} ${markdownLink("page", url)}`),
    ...(batches.length < batchesInAll ? [`- and ${batchesInAll - batches.length} more`] : []),
  ].join("\n") || "None is known any more.";

function stepLines({ steps, stepsLeftOut }: IncidentReport): string {
  if (steps.length === 0) return "Its events are no longer kept.";
  const lines = steps.map(
    ({ at, status, batch, attempt }) =>
      `- ${reportTime(at)} ${status}, batch ${codeSpan(batch)}${attempt > 0 ? `, attempt ${attempt}` : ""}`,
  );
  if (stepsLeftOut > 0) lines.splice(Math.ceil(lines.length / 2), 0, `- … ${stepsLeftOut} more …`);
  return lines.join("\n");
}

/** What was said about a problem, and that it is of the present. */
export function peopleLines(people: ReportPeople | null): string {
  if (people === null) return "Acknowledgements and notes could not be read when this was written.";
  const marks = people.marks.map(
    ({ kind, by, reason, createdAt, endedAt }) =>
      `- ${reportTime(createdAt)} ${kind} by ${codeSpan(by)}${endedAt === null ? "" : ` until ${reportTime(endedAt)}`}: ${codeSpan(reason)}`,
  );
  const notes = people.notes.map(({ by, at, text }) => `${reportTime(at)}, ${codeSpan(by)}:\n\n${codeBlock(text)}`);
  const told = "Acknowledgements and notes are of the moment of this report, not of the incident.";
  return [told, marks.join("\n") || "Nobody acknowledged it.", ...notes].join("\n\n");
}

export const reportLink = ({ label, url, pinned }: ReportLink): string =>
  `- ${markdownLink(label, url)}${pinned ? ", pinned: it works for good" : ", not pinned: it works as long as the instant is kept"}`;

export const reportTime = (ms: number): string => `${new Date(ms).toISOString().replace("T", " ").slice(0, 19)} UTC`;

export const durationWords = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms / 60_000));
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
};
