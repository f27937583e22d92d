/** Which destinations are meant by what somebody typed. Pure. */
import type { Destination } from "./destination";

/** Of one group, so that two hundred pipelines do not hide the pages. */
const MOST_OF_GROUP = 8;
const MOST = 40;

/**
 * Every word must be in the label or the detail, as a part or (of labels) as letters in their order. Best first within a group;
 * groups in the order of their best. Without words everything is shown in the order given, cut per group.
 */
export function ranked(destinations: readonly Destination[], typed: string): Destination[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const found = destinations
    .map((destination, order) => ({ destination, order, score: scoreOf(destination, words) }))
    .filter(({ score }) => score > 0);
  if (words.length > 0) found.sort((a, b) => b.score - a.score || a.order - b.order);
  const groups = new Map<string, Destination[]>();
  for (const { destination } of found) {
    const group = groups.get(destination.group) ?? [];
    if (group.length < MOST_OF_GROUP) group.push(destination);
    groups.set(destination.group, group);
  }
  return [...groups.values()].flat().slice(0, MOST);
}

/** 0 = not meant. */
function scoreOf({ label, detail }: Destination, words: readonly string[]): number {
  let sum = 1;
  const name = label.toLowerCase();
  const more = detail.toLowerCase();
  for (const word of words) {
    const score = wordScore(name, more, word);
    if (score === 0) return 0;
    sum += score;
  }
  return sum;
}

function wordScore(name: string, more: string, word: string): number {
  if (name === word) return 100;
  if (name.startsWith(word)) return 60;
  const at = name.indexOf(word);
  if (at > 0) return /[\p{L}\p{N}]/u.test(name[at - 1]!) ? 30 : 45;
  if (more.includes(word)) return 15;
  return isInOrder(name, word) ? 5 : 0;
}

function isInOrder(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
