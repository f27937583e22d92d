/**
 * Layouts of older versions of the program, brought to the present shape one version at a time. Upgrades are pure and total:
 * what they do not know they leave for the validation that follows. Nothing is written back; the next change of the dashboard
 * keeps the new shape.
 */
import { z } from "zod";
import { AppError } from "./app-error";
import { LAYOUT_VERSION, layoutSchema, type Layout } from "./dashboard";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const mapPanels = (layout: Json, change: (panel: Json) => Json): Json => ({
  ...layout,
  panels: Array.isArray(layout["panels"])
    ? layout["panels"].map((panel: unknown) => (isObject(panel) ? change(panel) : panel))
    : layout["panels"],
});

/** From version 1, which had six columns, the place beside the other members, and titles only where somebody wrote one. */
function fromVersion1(layout: Json): Json {
  const twice = (value: unknown) => (typeof value === "number" ? value * 2 : value);
  return {
    ...mapPanels(layout, ({ x, y, w, h, title = "", ...rest }) => ({
      ...rest,
      title,
      place: { x: twice(x), y, w: twice(w), h },
    })),
    schemaVersion: 2,
  };
}

/** By the version that they upgrade from. */
const UPGRADES: Readonly<Record<number, (layout: Json) => Json>> = { 1: fromVersion1 };

/**
 * A layout of any version as one of the present; what is no layout is returned as it is, for the validation to name.
 *
 * @throws AppError bad-body for one of a newer program
 */
export function upgradeLayout(stored: unknown): unknown {
  if (!isObject(stored)) return stored;
  let layout = stored;
  for (;;) {
    const version = layout["schemaVersion"];
    if (typeof version === "number" && version > LAYOUT_VERSION)
      throw new AppError(
        "bad-body",
        `This layout is of version ${version}, and this program knows versions up to ${LAYOUT_VERSION}: a newer one made it.`,
      );
    const upgrade = typeof version === "number" ? UPGRADES[version] : undefined;
    if (!upgrade) return layout;
    layout = upgrade(layout);
  }
}

/** A layout that was kept. @throws AppError bad-body when a newer program kept it, or somebody changed it by hand */
export function storedLayout(stored: unknown): Layout {
  const parsed = layoutSchema.safeParse(upgradeLayout(stored));
  if (parsed.success) return parsed.data;
  throw new AppError("bad-body", `The layout that is kept is not understood: ${z.prettifyError(parsed.error)}`);
}
