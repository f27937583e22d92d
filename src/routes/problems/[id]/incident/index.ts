/** The report of an incident as Markdown. A form pins its moments first, so that its links work for good. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { pinIncident, sendIncident } from "~/web/incident";

export const onGet: RequestHandler = (ev) => sendIncident(getApp(), ev);

export const onPost: RequestHandler = (ev) => pinIncident(getApp(), ev);
