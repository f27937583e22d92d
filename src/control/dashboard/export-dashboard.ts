import type { Layout } from "../../model/dashboard";
import type { ControlContext } from "../context";
import { getDashboard } from "./get-dashboard";

/** What is in the file: enough to make the same dashboard elsewhere, and nothing of people. */
export interface ExportedDashboard {
  weir: "dashboard";
  name: string;
  layout: Layout;
}

/** @throws AppError not-found, bad-body, control-unavailable */
export async function exportDashboard(ctx: ControlContext, id: unknown): Promise<ExportedDashboard> {
  const { name, layout } = await getDashboard(ctx, id);
  return { weir: "dashboard", name, layout };
}
