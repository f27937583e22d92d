/** The frame of every page: header, help, keyboard. */
import { component$, Slot } from "@builder.io/qwik";
import { routeLoader$ } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData, pickPageData } from "~/components/page-data";
import { header, type Place } from "~/components/shell/header";
import { withParams } from "~/components/shell/page-url";
import { Help } from "~/components/shell/help";
import { Keyboard } from "~/components/shell/keyboard";
import { actorOrNull } from "~/web/actor";
import { readableFeeds } from "~/web/feed-access";

interface Frame {
  places: Place[];
  /** Path and query of this page. */
  here: string;
}

export const useFrame = routeLoader$((ev) => {
  const { pathname, search } = ev.originalUrl;
  const place = (href: string, label: string): Place => ({
    href: withParams(href, { at: ev.query.get("at") }),
    label,
    current: href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`),
  });
  const feeds = readableFeeds(getApp().feeds, actorOrNull(ev)).map(({ name, title }) => place(`/feeds/${name}`, title));
  leavePageData(ev, "frame", {
    places: [place("/", "On-call"), place("/pipelines", "Pipelines"), ...feeds, place("/dashboards", "Dashboards")],
    here: pathname + search,
  });
  return null;
});

export default component$(() => {
  const { places, here } = pickPageData<Frame>("frame")!;
  return (
    <>
      {header(places, here)}
      <Slot />
      <Help />
      <Keyboard />
    </>
  );
});
