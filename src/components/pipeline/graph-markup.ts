/**
 * Pipelines and the ways between them as a drawing in layers. It is for the eyes only: whoever does not see it has the same as
 * a list beside it, so its links are left out of the tab order.
 */
import { escaped } from "../event-table/markup";
import { MARKS, type Tone } from "../ui/tone";

export interface GraphNode {
  name: string;
  layer: number;
  tone: Tone;
  /** Its state in a word. */
  word: string;
  href: string;
  /** The one that the page is about. */
  isSelf: boolean;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** 0 to 1: how often this way was taken, beside the most frequent one. */
  weight: number;
}

const BOX = { width: 184, height: 42 };
const GAP = { x: 56, y: 12 };
const EDGE = 2;
const LETTERS = 24;

export function graphMarkup(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string {
  const layers = [...new Set(nodes.map(({ layer }) => layer))].sort((a, b) => a - b);
  const columns = layers.map((layer) => nodes.filter((node) => node.layer === layer));
  const rows = Math.max(...columns.map(({ length }) => length));
  const height = rows * (BOX.height + GAP.y) - GAP.y + 2 * EDGE;
  const width = layers.length * (BOX.width + GAP.x) - GAP.x + 2 * EDGE;
  const places = new Map<string, { x: number; y: number; layer: number }>();
  columns.forEach((column, i) => {
    const free = height - 2 * EDGE - (column.length * (BOX.height + GAP.y) - GAP.y);
    column.forEach(({ name, layer }, j) =>
      places.set(name, { x: EDGE + i * (BOX.width + GAP.x), y: EDGE + free / 2 + j * (BOX.height + GAP.y), layer }),
    );
  });
  const ways = edges.map(({ from, to, weight }) => {
    const [a, b] = [places.get(from), places.get(to)];
    return a && b && a.layer < b.layer ? way(a, b, weight) : "";
  });
  const boxes = nodes.map((node) => box(node, places.get(node.name)!));
  return `<div class="graph" tabindex="0" role="group" aria-label="Drawing of the list below"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${ways.join("")}${boxes.join("")}</svg></div>`;
}

function way(a: { x: number; y: number }, b: { x: number; y: number }, weight: number): string {
  const [x1, y1, x2, y2] = [a.x + BOX.width, a.y + BOX.height / 2, b.x, b.y + BOX.height / 2];
  const bend = Math.min(GAP.x, (x2 - x1) / 2);
  const stroke = (1 + 2 * weight).toFixed(1);
  return `<path class="way" stroke-width="${stroke}" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 5} ${y2}"/><path class="tip" d="M${x2 - 7} ${y2 - 4}l7 4l-7 4z"/>`;
}

function box({ name, tone, word, href, isSelf }: GraphNode, { x, y }: { x: number; y: number }): string {
  const shown = [...(name === "" ? "(no name)" : name)];
  const text = shown.length > LETTERS ? `${shown.slice(0, LETTERS - 1).join("")}…` : shown.join("");
  return (
    `<a href="${escaped(href)}" tabindex="-1" class="node ${tone}${isSelf ? " self" : ""}"><title>${escaped(name)}</title>` +
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6"/>` +
    `<text x="${x + 10}" y="${y + 17}">${escaped(text)}</text><text class="word" x="${x + 10}" y="${y + 33}">${MARKS[tone]} ${escaped(word)}</text></a>`
  );
}
