/** How one person likes the pages, as verbs and API give it. */
import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import type { preference } from "../db/schema/preference";

const zone = z
  .string()
  .max(64)
  .refine((name) => name === "local" || isZone(name), "must be a time zone such as Europe/Berlin, UTC, or local");

export const preferences = z.strictObject({
  /** `system` = what the browser asks for. */
  theme: z.enum(["system", "light", "dark"]),
  /** In which times are shown: an IANA name, or `local` = the browser's. */
  zone,
  density: z.enum(["comfortable", "compact"]),
  /** Whether single keys are shortcuts. */
  keys: z.boolean(),
  /** What stands between thousands; `auto` = what the browser's language has there. */
  numbers: z.enum(["auto", "comma", "dot", "space", "apostrophe"]),
});
export type Preferences = z.output<typeof preferences>;

export const PREFERENCES_UNLESS_TOLD: Preferences = {
  theme: "system",
  zone: "UTC",
  density: "comfortable",
  keys: true,
  numbers: "auto",
};

/** A value that this program does not know (a newer one wrote it) is what it does unless told. */
export function preferencesOf(row: InferSelectModel<typeof preference> | undefined): Preferences {
  const { shape } = preferences;
  const known = <K extends keyof Preferences>(key: K): Preferences[K] => {
    const parsed = shape[key].safeParse(row?.[key]);
    return parsed.success ? (parsed.data as Preferences[K]) : PREFERENCES_UNLESS_TOLD[key];
  };
  return {
    theme: known("theme"),
    zone: known("zone"),
    density: known("density"),
    keys: known("keys"),
    numbers: known("numbers"),
  };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false; // a RangeError is the answer
  }
}
