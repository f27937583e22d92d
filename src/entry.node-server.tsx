/**
 * WHAT IS THIS FILE?
 *
 * The handlers of Qwik City for a Node server. It neither listens nor exits when it is imported (the build imports it in
 * workers); `src/web/server.ts` does that.
 */
import { createQwikCity, type PlatformNode } from "@builder.io/qwik-city/middleware/node";
import qwikCityPlan from "@qwik-city-plan";
import type { ServerResponse } from "node:http";
import { getApp } from "./app-instance";
import render from "./entry.ssr";
import { originOf } from "./web/origin";

declare global {
  type QwikCityPlatform = PlatformNode;
}

declare module "node:http" {
  interface IncomingMessage {
    /** The response that belongs to the request: streams write to it themselves (real `writableLength`, real `drain`). */
    raw?: ServerResponse;
  }
}

// Where a request comes from is checked in routes/plugin.ts: Qwik City's own check knows forms only.
export const { router, notFound } = createQwikCity({
  render,
  qwikCityPlan,
  checkOrigin: false,
  getOrigin: (req) => originOf(getApp().config, req.headers),
});
