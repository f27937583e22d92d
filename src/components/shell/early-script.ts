/** What runs before the framework, as a script of the document itself, behind everything that it looks for. */
import { DRAWER } from "../drawer/drawer-address";
import { DRAWER_ID } from "../drawer/drawer-head";
import { bringBack } from "./early-back";
import { keepOrder, takeKeys } from "./early-keys";
import { PALETTE_EVENT } from "./palette/palette-event";

/** The script's text. */
export const earlyScript = (): string =>
  [
    `(${boundIdle.toString()})(${IDLE_WITHIN_MS})`,
    `(${keepOrder.toString()})(${SECOND_KEY_MS})`,
    `(${takeKeys.toString()})(${JSON.stringify(PALETTE_EVENT)})`,
    `(${bringBack.toString()})(${JSON.stringify(DRAWER)},${JSON.stringify(DRAWER_ID)})`,
  ].join(";");

/** How long after the first key of two the second one counts, ms. */
const SECOND_KEY_MS = 1_500;

/** A page comes to life when the browser is idle, or after this long. */
const IDLE_WITHIN_MS = 500;

/**
 * The framework starts the live layer when the browser is idle, and gives no bound. After a click on a page whose code was
 * still on its way, Chromium was not idle until something else was drawn, and the page stood still. Travels as text.
 */
function boundIdle(timeout: number): void {
  const ask = window.requestIdleCallback?.bind(window);
  if (ask) window.requestIdleCallback = (then, options) => ask(then, { timeout, ...options });
}
