/** Charts on a page. Their markup is the server's; what brings them to life is fetched when somebody points at one. */
import { $ } from "@builder.io/qwik";
import { chartMarkup } from "./chart-markup";
import type { ChartSpec } from "./chart-spec";
import style from "./chart.css?inline";

/** For `onPointerOver$` and `onFocusIn$` of whatever holds charts. */
export const wakeCharts = $(async (event: Event) => {
  const { wakeFrom } = await import("./wake-chart");
  await wakeFrom(event.target);
});

export const chartStyle = () => <style dangerouslySetInnerHTML={style} />;

/** Side by side where there is room. @param label of all of them together, for those who listen */
export const charts = (label: string, specs: readonly ChartSpec[]) => {
  const html = specs.map(chartMarkup).join("");
  return (
    <section
      class="charts"
      aria-label={label}
      onPointerOver$={wakeCharts}
      onFocusIn$={wakeCharts}
      dangerouslySetInnerHTML={html}
    />
  );
};
