/** Dashboards as pages show them: as they are kept, or while the database is away as they were read last. */
import type { ControlContext } from "../../../control/context";
import type { Dashboard } from "../../../control/dashboard/dashboard";
import { getDashboard } from "../../../control/dashboard/get-dashboard";
import { listDashboards, type ListedDashboard } from "../../../control/dashboard/list-dashboards";
import { idText, parseInput } from "../../../control/input";
import { DASHBOARDS, dashboardNamed, readOrLastShown } from "../../../control/last-shown";
import { ageText, clockTime, type Zone } from "../../../components/ui/time-text";

/** @throws AppError not-found, bad-body, control-unavailable when it was never read for the one who asks */
export async function lookAtDashboard(
  ctx: ControlContext,
  id: unknown,
): Promise<{ dashboard: Dashboard; keptAt: number | null }> {
  const dashboardId = parseInput(idText, id);
  const { value, keptAt } = await readOrLastShown(ctx, dashboardNamed(dashboardId), () =>
    getDashboard(ctx, dashboardId),
  );
  return { dashboard: value, keptAt };
}

/** @throws AppError control-unavailable when they were never read for the one who asks */
export async function lookAtDashboards(
  ctx: ControlContext,
): Promise<{ dashboards: ListedDashboard[]; keptAt: number | null }> {
  const { value, keptAt } = await readOrLastShown(ctx, DASHBOARDS, () => listDashboards(ctx));
  return { dashboards: value, keptAt };
}

/** What such a page says of itself; null when it is as it is kept. */
export const keptSentence = (what: string, keptAt: number | null, now: number, zone: Zone): string | null =>
  keptAt === null
    ? null
    : `The database that keeps what people decide does not answer just now: ${what} as read ${ageText(now - keptAt)} ago, at ${clockTime(keptAt, now, zone)} ${zone}. Changes may not be saved until it does.`;
