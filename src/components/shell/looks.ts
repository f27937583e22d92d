/**
 * How a person likes the pages, as their browser remembers it: a copy of the preferences in cookies, so that a page is right
 * from its first byte and never asks the database. What cannot be read is as if it were not there.
 */
import type { NumberChoice } from "./reader-numbers";
import { UTC, type Zone } from "../ui/time-text";

export interface Looks {
  zone: Zone;
  density: "comfortable" | "compact";
  keys: boolean;
  numbers: NumberChoice;
}

/** `zone~density~keys~numbers`; the theme has a cookie of its own (`theme.ts`), which the button of the header writes. */
export const LOOKS_COOKIE = "weir_looks";
/** The zone of the browser itself, told by its script, for those who want times in it. */
export const BROWSER_ZONE_COOKIE = "weir_browser_zone";

const LOOKS =
  /(?:^|;\s*)weir_looks=([\w.+-]{1,64}(?:\/[\w.+-]{1,64}){0,2})~(comfortable|compact)~(on|off)(?:~(auto|comma|dot|space|apostrophe))?(?:;|$)/;
const BROWSER_ZONE = /(?:^|;\s*)weir_browser_zone=([\w.+-]{1,64}(?:\/[\w.+-]{1,64}){0,2})(?:;|$)/;

export function looksOfCookies(header: string | undefined): Looks {
  const [, zone, density, keys, numbers = "auto"] = LOOKS.exec(header ?? "") ?? [];
  return {
    zone: knownZone(zone === "local" ? BROWSER_ZONE.exec(header ?? "")?.[1] : zone),
    density: density === "compact" ? density : "comfortable",
    keys: keys !== "off",
    numbers: numbers as NumberChoice,
  };
}

export const looksCookie = ({ zone, density, keys, numbers }: Looks): string =>
  `${zone}~${density}~${keys ? "on" : "off"}~${numbers}`;

const zones = new Map<string, boolean>();
const MOST_ZONES = 1_000;

/** Cookies are anybody's: a zone that is none is UTC. */
function knownZone(zone: string | undefined): Zone {
  if (zone === undefined || zone === UTC) return UTC;
  let isKnown = zones.get(zone);
  if (isKnown === undefined) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      isKnown = true;
    } catch {
      isKnown = false; // a RangeError is the answer
    }
    if (zones.size < MOST_ZONES) zones.set(zone, isKnown);
  }
  return isKnown ? zone : UTC;
}
