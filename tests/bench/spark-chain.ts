/**
 * Spark and the embedded engine side by side, on copies of one day with 100,000 events: what a page costs, how soon a message
 * that was published to Pub/Sub is in an open page, and what a commit of 10,000 staged events takes.
 */
import { enginesCommit } from "./spark-commit";
import { pagesOnBoth, publishToCell } from "./spark-pages";
import { printReport, say, type Figure } from "./report";

const PARTS = ["pages", "latency", "commit"] as const;
type Part = (typeof PARTS)[number];

/** @param args address of a Spark server that sees this machine's files; names of parts, all unless told */
export async function main([url, ...args]: string[]): Promise<number> {
  const isPart = (text: string): text is Part => (PARTS as readonly string[]).includes(text);
  const wrong = args.find((arg) => !isPart(arg));
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; there are ${PARTS.join(", ")}.`);
  const wanted = new Set<Part>(args.length > 0 ? args.filter(isPart) : PARTS);
  const figures: Figure[] = [];
  if (wanted.has("pages")) figures.push(...(await pagesOnBoth(url!)));
  if (wanted.has("latency")) {
    say("Messages to an open page …");
    figures.push(...(await publishToCell(url!)));
  }
  if (wanted.has("commit")) {
    say("Commits …");
    figures.push(...(await enginesCommit(url!)));
  }
  printReport("spark-chain", figures, { parts: [...wanted] });
  return 0;
}
