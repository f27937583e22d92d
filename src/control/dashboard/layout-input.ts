/** Layouts that people send: of any version, checked against the feeds that there are, and settled. */
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { layoutSchema, type Layout } from "../../model/dashboard";
import { checkPanel } from "../../model/dashboard-check";
import { settle } from "../../model/dashboard-grid";
import { upgradeLayout } from "../../model/dashboard-upgrade";
import { sameValue, type WireValue } from "../../model/value";
import { mayUseFeed } from "../actor";
import type { ControlContext } from "../context";
import { parseInput } from "../input";

/** In descriptions it is a layout of the present version; older ones are upgraded. */
export const layoutInput = z.unknown().meta({ description: "A layout: schemaVersion and panels", type: "object" });

/**
 * @param known the layout before: what did not change is not checked again, for a feed may have gone meanwhile
 * @throws AppError bad-parameter that names the path of what is wrong, bad-body for a layout of a newer program
 */
export function parseLayout(ctx: ControlContext, given: unknown, known: Layout | null): Layout {
  const { layout } = parseInput(z.strictObject({ layout: layoutSchema }), { layout: upgradeLayout(given) });
  const now = ctx.clock.now();
  // One that may not be read is answered like one that does not exist.
  const feeds = ctx.feeds.filter(({ name }) => mayUseFeed(ctx.actor, "read", name));
  for (const [i, panel] of layout.panels.entries()) {
    const before = known?.panels.find(({ id }) => id === panel.id);
    const isKnown = before?.kind === panel.kind && same(before.settings, panel.settings);
    if (!isKnown) checkPanel(panel, feeds, now, `layout.panels.${i}`);
  }
  return { ...layout, panels: settle(layout.panels) };
}

const same = (a: unknown, b: unknown): boolean => sameValue(a as WireValue, b as WireValue);

/** An exported dashboard as text. @throws AppError bad-body */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError("bad-body", `This is no JSON: ${(error as Error).message}.`, {}, { cause: error });
  }
}
