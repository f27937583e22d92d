/** What feeds a pipeline and what it feeds, as a drawing and as lists. */
import { healthOf } from "~/model/pipeline-health";
import type { Link } from "~/model/lineage";
import type { PipelinePage } from "~/web/pages/pipeline-page";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import type { Tone } from "../ui/tone";
import { graphMarkup } from "./graph-markup";
import { pipelineHref } from "./pipeline-href";
import { agoMarkup } from "./pipeline-row";
import { HEALTH_TONE } from "./worst-first";

export function lineageMarkup(page: PipelinePage): string {
  const { around, pipelineName, tooWide } = page;
  const wide =
    tooWide > 0
      ? `<p class="small muted">${groupDigits(String(tooWide))} batches are shared by so many pipelines that they say nothing about who feeds whom.</p>`
      : "";
  if (around.nodes.length === 1)
    return `<p class="muted">No batch of it is shared with another pipeline: a common correlation id is what joins them.</p>${wide}`;
  const most = Math.max(...around.links.map(({ batches }) => batches));
  const drawing = graphMarkup(
    around.nodes.map(({ pipelineName: name, layer }) => ({
      name,
      layer,
      ...statusOf(page, name),
      href: hrefOf(page, name),
      isSelf: name === pipelineName,
    })),
    around.links.map(({ from, to, batches }) => ({ from, to, weight: batches / most })),
  );
  const cut = around.isCut ? `<p class="small muted">There are more pipelines around it than are shown.</p>` : "";
  return `${drawing}<div class="around">${side(page, -1)}${side(page, 1)}</div>${cut}${wide}`;
}

function side(page: PipelinePage, sign: -1 | 1): string {
  const { around, pipelineName } = page;
  const title = sign < 0 ? "Upstream" : "Downstream";
  const nodes = around.nodes
    .filter(({ layer }) => layer * sign > 0)
    .sort((a, b) => Math.abs(a.layer) - Math.abs(b.layer));
  if (nodes.length === 0)
    return `<div><h3>${title}</h3><p class="muted small">${sign < 0 ? "Nothing leads to it." : "It leads to nothing."}</p></div>`;
  const items = nodes.map(({ pipelineName: name, layer }) => {
    const links = around.links.filter(({ from, to }) => (sign < 0 ? from : to) === name);
    const direct = links.find(({ from, to }) => (sign < 0 ? to : from) === pipelineName);
    return `<li>${nodeLink(page, name)} ${evidence(page, direct ?? links[0], layer, direct !== undefined)}</li>`;
  });
  return `<div><h3>${title}</h3><ul>${items.join("")}</ul></div>`;
}

function nodeLink(page: PipelinePage, name: string): string {
  const { tone, word } = statusOf(page, name);
  return `<a href="${escaped(hrefOf(page, name))}">${escaped(name === "" ? "(no name)" : name)}</a> <span class="mark ${tone}">${escaped(word)}</span>`;
}

function evidence({ now }: PipelinePage, link: Link | undefined, layer: number, isDirect: boolean): string {
  const steps = Math.abs(layer);
  const far = steps > 1 ? `${steps} steps away` : "";
  if (!link || !isDirect) return `<span class="muted small">${far}</span>`;
  const batches = link.batches === 1 ? "1 batch" : `${groupDigits(String(link.batches))} batches`;
  return `<span class="muted small">${batches}, the last ${agoMarkup(link.lastAt, now)}</span>`;
}

const hrefOf = ({ state, linkFeed }: PipelinePage, name: string): string => pipelineHref(name, state.at, linkFeed);

function statusOf({ others, troubles, now }: PipelinePage, name: string): { tone: Tone; word: string } {
  const summary = others.get(name);
  if (!summary) return { tone: "none", word: "not known" };
  const { state } = healthOf(summary, troubles.get(name) ?? null, now);
  return { tone: HEALTH_TONE[state], word: state };
}
