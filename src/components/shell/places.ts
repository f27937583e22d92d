/** Where one can go from every page: the header shows it, `g` and a second key lead there, the palette lists it. */
export interface Place {
  href: string;
  label: string;
  /** The second key after `g`; null = none. */
  key: string | null;
  current: boolean;
}

export interface Places {
  /** In the header, in this order. */
  main: readonly Place[];
  /** The feeds that the reader may see: in the header while they are few. */
  feeds: readonly Place[];
}

interface Spot {
  href: string;
  label: string;
  key: string | null;
  /** Paths below it belong to it too. */
  paths?: readonly string[];
}

/** A page is one line here. `{feed}` = the feed of the on-call page; without one such a place is nowhere. */
const SPOTS: readonly Spot[] = [
  { href: "/", label: "On-call", key: "o" },
  { href: "/problems", label: "Problems", key: "p" },
  { href: "/pipelines", label: "Pipelines", key: "r" },
  { href: "/lake/{feed}", label: "Table", key: "t", paths: ["/lake"] },
  { href: "/charts", label: "Charts", key: "c" },
  { href: "/reliability", label: "Reliability", key: "l" },
  { href: "/dashboards", label: "Dashboards", key: "d" },
];

/** More feeds than this are a menu. */
export const MOST_FEEDS_SHOWN = 2;

/**
 * @param pathname of the page
 * @param feeds those that the reader may see, the one of the on-call page first
 * @param inTime turns an address of the present into one of the page's time
 */
export function placesAt(
  pathname: string,
  feeds: readonly { name: string; title: string }[],
  inTime: (href: string) => string,
): Places {
  const isAt = (path: string) =>
    path === "/" ? pathname === "/" : pathname === path || pathname.startsWith(`${path}/`);
  const placeOf = ({ href, label, key, paths = [] }: Spot): Place => ({
    href: inTime(href),
    label,
    key,
    current: [href, ...paths].some(isAt),
  });
  const first = feeds[0]?.name;
  const spots = SPOTS.flatMap((spot) =>
    !spot.href.includes("{feed}")
      ? [spot]
      : first === undefined
        ? []
        : [{ ...spot, href: spot.href.replace("{feed}", encodeURIComponent(first)) }],
  );
  return {
    main: spots.map(placeOf),
    feeds: feeds.map(({ name, title }, i) =>
      placeOf({ href: `/feeds/${encodeURIComponent(name)}`, label: title, key: i === 0 ? "a" : null }),
    ),
  };
}
