/** The frame of every page: header, help, keyboard. */
import { component$, Slot } from "@builder.io/qwik";
import { routeLoader$ } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData, pickPageData } from "~/components/page-data";
import { header } from "~/components/shell/header";
import { withParams } from "~/components/shell/page-url";
import { placesAt, type Places } from "~/components/shell/places";
import { Help } from "~/components/shell/help";
import { Keyboard } from "~/components/shell/keyboard";
import { actorOrNull } from "~/web/actor";
import { readableFeeds } from "~/web/feed-access";

interface Frame {
  places: Places;
  /** Path and query of this page. */
  here: string;
}

export const useFrame = routeLoader$((ev) => {
  const { pathname, search } = ev.originalUrl;
  // What Weir derives is reached from what it is made for.
  const feeds = readableFeeds(getApp().feeds, actorOrNull(ev)).filter(({ derivedFrom }) => derivedFrom === null);
  const inTime = (href: string) => withParams(href, { at: ev.query.get("at") });
  const frame: Frame = { places: placesAt(pathname, feeds, inTime), here: pathname + search };
  leavePageData(ev, "frame", frame);
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
