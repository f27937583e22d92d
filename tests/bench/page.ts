/** Pages: how soon they can be used, what they weigh, how they follow, and that neither depends on how much there is. */
import { launchBrowser } from "./browser";
import { firstClick, pageSize, responseTime, scriptsAndTasks } from "./page-load";
import { postToCell, thousandChanges } from "./page-changes";
import { manyEvents } from "./page-history";
import { serverWithRows } from "./page-rows";
import { printReport, say, type Figure } from "./report";

const PARTS = ["size", "load", "changes", "latency", "history"] as const;
type Part = (typeof PARTS)[number];

/** How much is measured: all of it, or (for a look) little. */
const COUNTS = {
  full: { visits: 7, responses: 30, rounds: 10, samples: 40, requests: 40, starts: 5 },
  quick: { visits: 2, responses: 5, rounds: 2, samples: 5, requests: 10, starts: 1 },
} as const;

/** @param args names of parts (size, load, changes, latency, history), all unless told; "quick" for fewer measurements */
export async function main(args: string[]): Promise<number> {
  const isPart = (text: string): text is Part => (PARTS as readonly string[]).includes(text);
  const wrong = args.find((arg) => arg !== "quick" && !isPart(arg));
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; there are ${PARTS.join(", ")} and quick.`);
  const wanted = new Set(args.filter(isPart).length > 0 ? args.filter(isPart) : PARTS);
  const counts = args.includes("quick") ? COUNTS.quick : COUNTS.full;
  const figures: Figure[] = [];
  if (wanted.has("size")) figures.push(...(await shortKeys()));
  if (["size", "load", "changes", "latency"].some((part) => wanted.has(part as Part)))
    figures.push(...(await uuidKeys(wanted, counts)));
  if (wanted.has("history")) {
    say("A million events …");
    figures.push(...(await manyEvents(counts.requests, counts.starts)));
  }
  printReport("page", figures, { parts: [...wanted] });
  return 0;
}

async function shortKeys(): Promise<Figure[]> {
  const rows = await serverWithRows("short");
  try {
    return await pageSize(rows, "short");
  } finally {
    await rows.server.stop();
  }
}

async function uuidKeys(wanted: ReadonlySet<Part>, counts: (typeof COUNTS)["full" | "quick"]): Promise<Figure[]> {
  const rows = await serverWithRows("uuid");
  const browser = await launchBrowser();
  const figures: Figure[] = [];
  try {
    if (wanted.has("size"))
      figures.push(...(await pageSize(rows, "uuid")), ...(await responseTime(rows, counts.responses)));
    if (wanted.has("load")) {
      say("Cold visits …");
      figures.push(...(await firstClick(browser, rows, counts.visits)));
      figures.push(...(await scriptsAndTasks(browser, rows, Math.ceil(counts.visits / 2))));
    }
    if (wanted.has("changes")) figures.push(...(await thousandChanges(browser, rows, counts.rounds)));
    if (wanted.has("latency")) {
      say("Posts to an open page …");
      figures.push(...(await postToCell(browser, rows, counts.samples, "idle")));
      figures.push(...(await postToCell(browser, rows, counts.samples, "under load")));
    }
    return figures;
  } finally {
    await browser.close();
    await rows.server.stop();
  }
}
