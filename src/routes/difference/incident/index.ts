/** What changed between two instants as Markdown. A form pins both first, so that its links work for good. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { pinDifference, sendDifferenceReport } from "~/web/pages/difference-report";

export const onGet: RequestHandler = (ev) => sendDifferenceReport(getApp(), ev);

export const onPost: RequestHandler = (ev) => pinDifference(getApp(), ev);
