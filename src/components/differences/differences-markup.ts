/** Fields and values that tell selected events from the rest, as markup; what is no constant is escaped (invariant 8). */
import type { DifferencesPage, ShownField } from "~/web/pages/differences-page";
import { firstLine } from "../event-table/cell";
import { escaped } from "../event-table/markup";
import { groupDigits } from "../ui/number-text";

type Value = ShownField["values"][number];
type Sizes = Pick<DifferencesPage, "selected" | "rest">;

export function differencesMarkup({ fields, selected, rest }: Pick<DifferencesPage, "fields"> & Sizes): string {
  const clear = fields.filter(({ isClear, isOutcome }) => isClear && !isOutcome);
  const outcomes = fields.filter(({ isClear, isOutcome }) => isClear && isOutcome);
  const rest_ = fields.filter(({ isClear }) => !isClear);
  const list = (of: readonly ShownField[]) => of.map((field) => fieldMarkup(field, { selected, rest })).join("");
  const folded = (of: readonly ShownField[], one: string, many: string) =>
    of.length === 0
      ? ""
      : `<details class="diff-chance"><summary>${of.length} ${of.length === 1 ? one : many}</summary>${list(of)}</details>`;
  const came = folded(outcomes, "field tells what came of it", "fields tell what came of it");
  const chance = folded(rest_, "field differs no more than by chance", "fields differ no more than by chance");
  const none = `<p class="empty"><strong>No field tells why they are different.</strong><span>What else differs is no more than chance makes of so many events.</span></p>`;
  return (clear.length === 0 ? none : list(clear)) + came + chance;
}

function fieldMarkup({ field, score, values, others }: ShownField, sizes: Sizes): string {
  const name = escaped(firstLine(field));
  const rows = values.map((value) => valueMarkup(field, value, sizes)).join("");
  const more = others === 0 ? "" : `<p class="muted small">${groupDigits(String(others))} more values.</p>`;
  return `<section class="diff-field"><h3>${name} <span class="muted small">tells ${Math.round(score * 100)} %</span></h3><table class="plain-table diff"><caption class="quiet">Values of ${name}: share of the selection and of the rest</caption><thead><tr><th scope="col">Value</th><th scope="col" class="w-16">Selection</th><th scope="col" class="w-16">Rest</th><th scope="col" class="w-8"><span class="quiet">Filter</span></th></tr></thead><tbody>${rows}</tbody></table>${more}</section>`;
}

function valueMarkup(field: string, value: Value, { selected, rest }: Sizes): string {
  const shown = value.text === null ? `<span class="muted">none</span>` : escaped(firstLine(value.text) || "empty");
  const name = `${escaped(firstLine(field))} ${value.text === null ? "none" : escaped(firstLine(value.text))}`;
  const links =
    value.withHref === null || value.withoutHref === null
      ? ""
      : `<span class="row-links"><a class="small" href="${escaped(value.withHref)}" aria-label="Events with ${name}">Only</a><a class="small" href="${escaped(value.withoutHref)}" aria-label="Events without ${name}">Without</a></span>`;
  return `<tr><td>${shown}</td>${barMarkup("Selection", "sel", value.selected, selected)}${barMarkup("Rest", "rest", value.rest, rest)}<td>${links}</td></tr>`;
}

function barMarkup(label: string, kind: "sel" | "rest", part: number, all: number): string {
  const share = all === 0 ? 0 : part / all;
  const percent = share > 0 && share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`;
  return `<td data-label="${label}"><span class="diff-bar ${kind}"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${(share * 100).toFixed(1)}" height="8"/></svg><span class="mono small">${percent} <span class="muted">(${groupDigits(String(part))})</span></span></span></td>`;
}
