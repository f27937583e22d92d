/** All pages of the program over some data: a table for tests that must hold of each of them (`scripts/page-list.mjs`). */
import { addressOf, PAGES, samplesOf, type ListedPage } from "../../scripts/page-list.mjs";
import type { Weir } from "./weir";

export type Samples = Awaited<ReturnType<typeof samplesOf>>;

/** With a dashboard, because nothing publishes one. */
export async function everySample(weir: Weir): Promise<Samples> {
  await weir.untilControl();
  const form = new URLSearchParams({ do: "create", name: "Example", start: "example" });
  const answer = await fetch(weir.url("/dashboards"), { method: "POST", body: form, redirect: "manual" });
  if (answer.status !== 303) throw new Error(`No dashboard was made: ${answer.status} ${await answer.text()}`);
  return samplesOf(weir.address);
}

/** @throws when the data of the test lacks what the page is about: then it would be left out in silence */
export function pathOf(page: ListedPage, samples: Samples): string {
  const path = addressOf(page, samples);
  if (path === null) throw new Error(`Nothing in the data of this test for the page ${page.name} (${page.path}).`);
  return path;
}

/** For `it.each`. */
export const EVERY_PAGE = PAGES.map((page) => [page.name, page] as const);

/** What a browser says of a page whose answer is an error by intention. */
export const expectedOf = ({ status }: ListedPage): RegExp[] =>
  status === undefined ? [] : [new RegExp(`\\b${status}\\b`)];
