/**
 * How soon failures are seen and how soon pipelines recover, from the hours of whole runs.
 *
 * An incident of a pipeline begins with the first run that failed and ends with the first run that completed after the last one
 * that failed. Runs that failed within one hour belong to one incident, whatever completed between them: an hour keeps no more of
 * them than the first and the last. Times are those that the events tell, and the commit that brought the first failure.
 */
import { HOUR_MS, type PipelineHour } from "./hours/pipeline-hour";

export interface Incident {
  pipelineName: string;
  /** When the first failing event was made, epoch ms. */
  failedAt: number;
  /** When it was committed, and so could be seen. Null = not known. */
  shownAt: number | null;
  /** When somebody first acknowledged a problem of the pipeline while it lasted. */
  acknowledgedAt: number | null;
  lastFailedAt: number;
  /** Null = it still lasts. */
  recoveredAt: number | null;
}

/** That somebody has acknowledged a problem of a pipeline. */
export interface Acknowledgement {
  pipelineName: string;
  at: number;
}

/** Of some incidents. Means are in ms; null = none of them got so far. */
export interface Reliability {
  incidents: number;
  /** Those that still last. */
  open: number;
  /** From the failing event to its commit. */
  meanToShown: number | null;
  /** From the failing event to the acknowledgement, of those that were acknowledged; how many that are. */
  meanToAcknowledged: number | null;
  acknowledged: number;
  /** From the failing event to the recovery, of those that are over. */
  meanToRecovered: number | null;
}

export interface PipelineReliability extends Reliability {
  pipelineName: string;
  lastFailedAt: number;
}

export interface WeekReliability extends Reliability {
  /** A Monday, 00:00 UTC. */
  from: number;
  to: number;
}

export interface ReliabilityReport {
  /** Incidents that began at or after it, up to `to`, and those that still last. */
  from: number;
  to: number;
  overall: Reliability;
  /** By what they cost: those with open incidents first, then most incidents, then by name. */
  pipelines: PipelineReliability[];
  /** Oldest first; every week of the range, also those without incidents. */
  weeks: WeekReliability[];
}

const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** The first Monday after the epoch. */
const MONDAY = 4 * DAY_MS;
/** So many whole weeks are told of beside the one that runs. */
const WEEKS = 5;

/** @param to the time that it is of, epoch ms. @param acknowledgements in any order */
export function reliabilityOf(
  hours: Iterable<PipelineHour>,
  acknowledgements: readonly Acknowledgement[],
  to: number,
): ReliabilityReport {
  const from = weekOf(to) - WEEKS * WEEK_MS;
  const isTold = ({ failedAt, recoveredAt }: Incident) => failedAt >= from || recoveredAt === null;
  const incidents = incidentsOf(hours, acknowledgements).filter(isTold);
  const ofPipeline = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const own = ofPipeline.get(incident.pipelineName);
    if (own) own.push(incident);
    else ofPipeline.set(incident.pipelineName, [incident]);
  }
  const pipelines = [...ofPipeline].map(([pipelineName, own]) => ({
    pipelineName,
    ...sumUp(own),
    lastFailedAt: Math.max(...own.map(({ lastFailedAt }) => lastFailedAt)),
  }));
  pipelines.sort((a, b) => b.open - a.open || b.incidents - a.incidents || (a.pipelineName < b.pipelineName ? -1 : 1));
  const weeks = Array.from({ length: WEEKS + 1 }, (_, i) => {
    const start = from + i * WEEK_MS;
    const own = incidents.filter(({ failedAt }) => weekOf(failedAt) === start);
    return { from: start, to: start + WEEK_MS, ...sumUp(own) };
  });
  return { from, to, overall: sumUp(incidents), pipelines, weeks };
}

/** In no order. */
export function incidentsOf(hours: Iterable<PipelineHour>, acknowledgements: readonly Acknowledgement[]): Incident[] {
  const ofPipeline = new Map<string, PipelineHour[]>();
  for (const hour of hours) {
    const { pipelineName, stageName, failed, completed } = hour;
    if (pipelineName === null || stageName !== null || failed + completed === 0) continue;
    const own = ofPipeline.get(pipelineName);
    if (own) own.push(hour);
    else ofPipeline.set(pipelineName, [hour]);
  }
  const incidents: Incident[] = [];
  for (const own of ofPipeline.values()) {
    own.sort((a, b) => a.hour - b.hour);
    incidents.push(...incidentsOfOne(own));
  }
  const known = new Map<string, number[]>();
  for (const { pipelineName, at } of acknowledgements)
    known.set(pipelineName, [...(known.get(pipelineName) ?? []), at]);
  return incidents.map((incident) => ({ ...incident, acknowledgedAt: firstWithin(known, incident) }));
}

function incidentsOfOne(hours: readonly PipelineHour[]): Incident[] {
  const incidents: Incident[] = [];
  let open: Incident | null = null;
  for (const hour of hours) {
    const { firstCompletedAt, firstFailedAt, lastFailedAt } = hour;
    const isOver = open !== null && firstCompletedAt !== null && firstCompletedAt > open.lastFailedAt;
    if (isOver && (firstFailedAt === null || firstCompletedAt! < firstFailedAt)) {
      open!.recoveredAt = firstCompletedAt;
      open = null;
    }
    if (firstFailedAt === null) continue;
    if (open === null) {
      open = {
        pipelineName: hour.pipelineName!,
        failedAt: firstFailedAt,
        shownAt: hour.firstShownAt,
        acknowledgedAt: null,
        lastFailedAt: lastFailedAt!,
        recoveredAt: null,
      };
      incidents.push(open);
    }
    open.lastFailedAt = Math.max(open.lastFailedAt, lastFailedAt!);
    if (hour.recoveredAt !== null && hour.recoveredAt > open.lastFailedAt) {
      open.recoveredAt = hour.recoveredAt;
      open = null;
    }
  }
  return incidents;
}

function firstWithin(known: ReadonlyMap<string, readonly number[]>, incident: Incident): number | null {
  const { pipelineName, failedAt, recoveredAt } = incident;
  const within = (known.get(pipelineName) ?? []).filter((at) => at >= failedAt && at <= (recoveredAt ?? Infinity));
  return within.length === 0 ? null : Math.min(...within);
}

function sumUp(incidents: readonly Incident[]): Reliability {
  const to = (end: (incident: Incident) => number | null) =>
    incidents.flatMap((incident) => {
      const at = end(incident);
      // Publishers' clocks may be ahead of ours.
      return at === null ? [] : [Math.max(0, at - incident.failedAt)];
    });
  const acknowledged = to(({ acknowledgedAt }) => acknowledgedAt);
  return {
    incidents: incidents.length,
    open: incidents.filter(({ recoveredAt }) => recoveredAt === null).length,
    meanToShown: mean(to(({ shownAt }) => shownAt)),
    meanToAcknowledged: mean(acknowledged),
    acknowledged: acknowledged.length,
    meanToRecovered: mean(to(({ recoveredAt }) => recoveredAt)),
  };
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);

const weekOf = (ms: number): number => Math.floor((ms - MONDAY) / WEEK_MS) * WEEK_MS + MONDAY;
