/** A panel as an element of the page: frame, title, content, and the tools to arrange it. */
import { escaped } from "../../../components/event-table/markup";
import { titleOf } from "../../../model/dashboard-change";
import type { PanelView } from "./panel-view";

export interface SectionAbout {
  arranging: boolean;
  /** Where the tools post to. */
  here: string;
  revision: number;
}

/** What each tool does, in the order of its buttons: action, sign, words. */
const TOOLS = [
  ["left", "←", "Move left"],
  ["right", "→", "Move right"],
  ["up", "↑", "Move up"],
  ["down", "↓", "Move down"],
  ["narrower", "⇤", "Narrower"],
  ["wider", "⇥", "Wider"],
  ["shorter", "⤒", "Shorter"],
  ["taller", "⤓", "Taller"],
] as const;

export function sectionMarkup({ panel, content, about, topic, live }: PanelView, page: SectionAbout): string {
  const { id, kind, place } = panel;
  const title = escaped(titleOf(panel));
  const { x, y, w, h } = place;
  // The scrolling part is reached by keyboard; while panels are arranged, the panel itself is.
  const [outer, inner] = page.arranging
    ? [' tabindex="0" aria-describedby="arrange-help"', ""]
    : ["", ` tabindex="0" role="group" aria-labelledby="title-${id}"`];
  return (
    `<section class="dash-panel" id="panel-${id}" data-panel="${id}" data-kind="${kind}" data-place="${x} ${y} ${w} ${h}" data-topic="${topic ?? ""}" data-live="${live ?? ""}" aria-labelledby="title-${id}"${outer} style="--x:${x + 1};--y:${y + 1};--w:${w};--h:${h}">` +
    `<header><h2 id="title-${id}">${title}</h2>${about === "" ? "" : `<span class="about" title="${escaped(about)}">${escaped(about)}</span>`}</header>` +
    (page.arranging ? tools(id, title, page) : "") +
    `<div class="dash-body"${inner}>${content}</div></section>`
  );
}

/** @param title escaped */
function tools(id: string, title: string, { here, revision }: SectionAbout): string {
  const button = ([action, sign, words]: readonly [string, string, string]) =>
    `<button name="do" value="${action}" aria-label="${words}: ${title}" title="${words}">${sign}</button>`;
  const edit = escaped(here.includes("?") ? `${here}&edit=${id}` : `${here}?edit=${id}`);
  return (
    `<form class="dash-tools" method="post" action="${escaped(here)}"><input type="hidden" name="panel" value="${id}"><input type="hidden" name="revision" value="${revision}">` +
    TOOLS.map(button).join("") +
    `<a class="button" data-edit href="${edit}" aria-label="Edit: ${title}">Edit</a>` +
    `${button(["remove", "✕", "Remove"])}</form><span class="dash-grip" aria-hidden="true"></span>`
  );
}
