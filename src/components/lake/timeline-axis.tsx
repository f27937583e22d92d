/** The instants of a timeline on an axis of time, a lane per action. A picture beside the table, which says all of it in words. */
import { timeOf } from "~/model/instant";
import type { InstantLine } from "~/model/table-health/instants";
import { timeLabel } from "../chart/chart-text";
import type { Zone } from "../ui/time-text";

const WORST_FIRST = [
  "rollback",
  "restore",
  "savepoint",
  "clean",
  "clustering",
  "compaction",
  "replacecommit",
  "commit",
];

export const timelineAxis = (lines: readonly InstantLine[], zone: Zone) => {
  if (lines.length < 2) return null;
  const times = lines.map(({ instant }) => timeOf(instant));
  const [start, end] = [Math.min(...times), Math.max(...times)];
  const actions = [...new Set(lines.map(({ action }) => action))].sort(
    (a, b) => WORST_FIRST.indexOf(b) - WORST_FIRST.indexOf(a),
  );
  const placeOf = (instant: string) =>
    `left:${(((timeOf(instant) - start) / Math.max(1, end - start)) * 100).toFixed(2)}%`;
  return (
    <div class="axis" aria-hidden="true">
      {actions.map((action) => (
        <div key={action} class="axis-lane">
          <span class="axis-name">{action}</span>
          <div class="axis-marks">
            {lines
              .filter((line) => line.action === action)
              .map(({ instant, state }) => (
                <i key={instant} class={`axis-mark ${state.toLowerCase()} ${action}`} style={placeOf(instant)} />
              ))}
          </div>
        </div>
      ))}
      <div class="axis-lane">
        <span class="axis-name" />
        <div class="axis-times">
          <span>{timeLabel(start, start, end, zone)}</span>
          <span>{timeLabel(end, start, end, zone)}</span>
        </div>
      </div>
    </div>
  );
};
