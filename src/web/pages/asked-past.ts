/** The `at` of pages that are of the present whatever is asked of them: they say so, and lead on to pages of that time. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { exactTime, type Zone } from "../../components/ui/time-text";
import { withParams } from "../../components/shell/page-url";
import { isInstant, timeOf } from "../../model/instant";
import { parsePosition } from "../../model/position";
import { isRelative, parseAt, type AtQuery } from "../../model/row-query";
import { zoneOf } from "./reader-zone";

export interface AskedPast {
  /** As other pages take it. */
  at: string;
  /** `2026-11-21 09:40:12.000Z` */
  text: string;
}

/**
 * Null = the present. A relative time is made absolute by redirect, as on pages that have a time.
 *
 * @param now epoch ms
 * @throws AppError bad-parameter; a redirect
 */
export function askedPast(ev: RequestEventCommon, now: number): AskedPast | null {
  const at = ev.query.get("at");
  if (at === null) return null;
  const asked = parseAt(at, now);
  if ("time" in asked && isRelative(at)) {
    throw ev.redirect(302, withParams(ev.url.pathname + ev.url.search, { at: new Date(asked.time).toISOString() }));
  }
  return { at, text: textOf(asked, zoneOf(ev)) };
}

function textOf(asked: AtQuery, zone: Zone): string {
  if ("time" in asked) return exactTime(asked.time, zone);
  const instant = "instant" in asked ? asked.instant : parsePosition(asked.position)!.instant;
  return isInstant(instant) ? exactTime(timeOf(instant), zone) : "before the first commit";
}
