/** How a control of the page speaks to the live layer: an event on the document, because the layer keeps no framework state. */
export const HELD_EVENT = "weir:held";

export type HeldWish = "pause" | "go-on" | "release";
