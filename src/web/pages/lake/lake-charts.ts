/** Charts of a table: how long there was nothing between commits, and how long each took. */
import type { ChartSpec } from "../../../components/chart/chart-spec";
import type { Zone } from "../../../components/ui/time-text";
import { timeOf } from "../../../model/instant";
import { completedCommits, gapsOf } from "../../../model/table-health/commits";
import type { TableFacts } from "../../../model/table-health/facts";

export function tableCharts(table: TableFacts, zone: Zone): ChartSpec[] {
  const commits = table.instants.unknown === undefined ? completedCommits(table.instants.value) : [];
  const gaps = gapsOf(commits).map((y, i) => ({ x: timeOf(commits[i + 1]!.instant), y }));
  const durations =
    table.commits.unknown === undefined
      ? table.commits.value.flatMap(({ instant, completedAt }) =>
          completedAt === null ? [] : [{ x: timeOf(instant), y: Math.max(0, completedAt - timeOf(instant)) }],
        )
      : [];
  const start = commits[0] ? timeOf(commits[0].instant) : table.now;
  const common = {
    unit: "ms",
    start,
    end: Math.max(table.now, start + 1),
    provisionalFrom: null,
    completeFrom: null,
    zone,
    rangeHref: null,
  } as const;
  return [
    {
      ...common,
      id: `gap-${table.role}`,
      title: "Gap between commits",
      what: `Time between commits of ${table.name}`,
      empty: "Fewer than two commits are on the timeline.",
      shape: { kind: "lines", series: [{ name: "gap", paint: "s-0", points: gaps }] },
    },
    {
      ...common,
      id: `duration-${table.role}`,
      title: "Duration of commits",
      what: `Duration of commits of ${table.name}`,
      empty: "No commit on the timeline tells how long it took.",
      shape: { kind: "lines", series: [{ name: "duration", paint: "s-1", points: durations }] },
    },
  ];
}
