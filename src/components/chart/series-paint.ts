/** The series of a fold over time as bars: words of a status have its colours, others have one by their place. */
import type { Series } from "~/model/panel-fold";
import { toneOf } from "../ui/tone";
import type { BarSeries } from "./chart-spec";

export const barSeries = (series: readonly Series[], isStatus: boolean, one: string): BarSeries[] =>
  series.map(({ label, isRest, values }, i) => {
    const name = isRest ? "other" : (label ?? one);
    return { name, values, paint: isRest ? "s-rest" : isStatus ? toneOf(name) : `s-${i % 6}` };
  });
