/** Everything that the palette knows: what the page itself has, and what is asked for when it opens. */
import { withParams } from "../page-url";
import { switchTheme } from "../theme-switch";
import { toDo, toGo, type Destination } from "./destination";

/** The links of the header and of the settings are the pages that the reader may see. */
export function ownDestinations(): Destination[] {
  const here = location.pathname + location.search;
  const pages = [...document.querySelectorAll<HTMLAnchorElement>(".top .nav a, .tools a[href], .settings-nav a")]
    .filter((link) => !link.matches(".palette-button"))
    .map((link) => toGo("Pages", link.textContent.trim(), link.getAttribute("href")!));
  return [...unique(pages), ...actsHere(), ...times(here), ...SETTINGS];
}

const unique = (all: readonly Destination[]): Destination[] => [
  ...new Map(all.map((one) => [`${one.label}\n${one.href}`, one])).values(),
];

/** Controls of this page that answer to a key of their own. */
function actsHere(): Destination[] {
  return [...document.querySelectorAll<HTMLElement>("[data-key][data-palette]")].map((element) =>
    toDo("This page", element.dataset["palette"]!, () => element.click(), element.dataset["key"]),
  );
}

const STEPS = ["-15m", "-1h", "-2h", "-6h", "-24h"] as const;

function times(here: string): Destination[] {
  const past = STEPS.map((step) =>
    toGo("Time", `As of ${step}`, withParams(here, { at: step }), "this page, as it was"),
  );
  const isPast = new URLSearchParams(location.search).has("at");
  return isPast ? [toGo("Time", "Return to live", withParams(here, { at: null })), ...past] : past;
}

const SETTINGS: readonly Destination[] = [
  toDo("Look", "Switch between light and dark", switchTheme, "theme"),
  toGo("Look", "Time zone", "/settings/preferences", "in which times are shown"),
  toGo("Look", "Numbers and density", "/settings/preferences", "preferences"),
  toGo("Look", "Saved views", "/settings/views"),
];

/** What is typed may be a time or the id of a batch. */
export function typedDestinations(typed: string): Destination[] {
  const text = typed.trim();
  if (text === "") return [];
  const found: Destination[] = [];
  const at = /^(?:as of |at )?(-\d{1,7}[smhd]|\d{17}|\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)$/i.exec(
    text,
  )?.[1];
  if (at !== undefined) {
    const here = location.pathname + location.search;
    found.push(toGo("Time", `As of ${at}`, withParams(here, { at: at.replace(" ", "T") }), "this page, as it was"));
  }
  const now = new URLSearchParams(location.search).get("at");
  const inTime = (path: string) => withParams(path, { at: now });
  if (/^\S{3,200}$/.test(text) && text !== ".." && at === undefined)
    found.push(toGo("Batches", `Batch ${text}`, inTime(`/batches/${encodeURIComponent(text)}`), "by its id"));
  found.push(
    toGo("Search", `Search for “${text}”`, inTime(`/search?q=${encodeURIComponent(text)}`), "in errors and names"),
  );
  return found;
}

interface Source {
  path: string;
  read: (answer: never) => Destination[];
}

type Named = Record<string, unknown>;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const SOURCES: readonly Source[] = [
  {
    path: "/api/v1/views/pipelines/rows?limit=1000",
    read: ({ rows }: { rows: Named[] }) =>
      rows.map((row) => {
        const name = textOf(row["pipelineName"]);
        return toGo("Pipelines", name, `/pipelines/${encodeURIComponent(name)}`, textOf(row["state"]));
      }),
  },
  {
    path: "/api/v1/views/problems/rows?limit=200&state!=recovered",
    read: ({ rows }: { rows: Named[] }) =>
      rows.map((row) => {
        const where = `${textOf(row["pipelineName"])} › ${textOf(row["stageName"])}`;
        const error = textOf(row["error"])
          .split(/[\r\n]/, 1)[0]!
          .slice(0, 120);
        return toGo("Problems", error || where, `/problems/${encodeURIComponent(textOf(row["id"]))}`, where);
      }),
  },
  {
    path: "/api/v1/saved-views",
    read: ({ savedViews }: { savedViews: Named[] }) =>
      savedViews.map((view) =>
        toGo("Saved views", textOf(view["name"]), textOf(view["href"]), textOf(view["visibility"])),
      ),
  },
  {
    path: "/api/v1/dashboards",
    read: ({ dashboards }: { dashboards: Named[] }) =>
      dashboards.map((one) =>
        toGo("Dashboards", textOf(one["name"]), `/dashboards/${encodeURIComponent(textOf(one["id"]))}`),
      ),
  },
];

/**
 * Each as it comes. One that is refused or away (the database, a feed that may not be read) is left out: the others are there.
 *
 * @param onFound called per source that answered
 * @param signal ends it in silence, wherever it is
 * @param origin of the server
 */
export async function askDestinations(
  onFound: (found: Destination[]) => void,
  signal: AbortSignal,
  origin: string = location.origin,
): Promise<void> {
  await Promise.all(
    SOURCES.map(async (source) => {
      const found = await ask(source, signal, origin);
      if (found !== null && !signal.aborted) onFound(found);
    }),
  );
}

/** Null when it cannot be had: an answer may break off after it began, most often because the palette was closed. */
async function ask({ path, read }: Source, signal: AbortSignal, origin: string): Promise<Destination[] | null> {
  try {
    const answer = await fetch(origin + path, { signal, headers: { accept: "application/json" } });
    return answer.ok ? read((await answer.json()) as never) : null;
  } catch {
    return null;
  }
}
