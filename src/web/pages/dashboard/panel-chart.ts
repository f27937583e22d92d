/** The chart of a panel. */
import { chartId } from "../../../components/chart/chart-id";
import { chartMarkup } from "../../../components/chart/chart-markup";
import { barSeries } from "../../../components/chart/series-paint";
import { UTC } from "../../../components/ui/time-text";
import type { TimeChart } from "../../../model/panel-fold";

export interface PanelChartAbout {
  /** What makes this chart another than others. */
  key: string;
  /** Event time of the oldest row that is in memory, when older ones were left out; null = all are there. */
  floor: number | null;
  /** Epoch ms of the page's instant. */
  instant: number;
  /** The series are words of a status: they have the colours of status. */
  isStatus: boolean;
  /** What is drawn, in words. */
  what: string;
}

export function panelChart(chart: TimeChart, { key, floor, instant, isStatus, what }: PanelChartAbout): string {
  const { series, start, bucketMs, buckets } = chart;
  return chartMarkup({
    id: chartId(key),
    title: null,
    what,
    unit: "count",
    start,
    end: start + bucketMs * buckets,
    shape: { kind: "bars", bucketMs, buckets, series: barSeries(series, isStatus, "events") },
    provisionalFrom: Math.floor(instant / bucketMs) * bucketMs,
    completeFrom: floor,
    empty: "No event in this time.",
    zone: UTC,
    rangeHref: null,
  });
}
