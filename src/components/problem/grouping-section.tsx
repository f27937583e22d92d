/** How a problem is grouped by hand: what was done and can be undone, and forms that merge and split. */
import type { ProblemPage } from "~/web/pages/problem-page";
import { firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { when } from "./note-list";

type Rule = NonNullable<ProblemPage["kept"]>["rules"][number];

const LONGEST_SPLIT = 200;

export function groupingSection(page: ProblemPage, rules: readonly Rule[]) {
  const { here, mayChange, others, variants } = page;
  const isSplittable = variants.length > 1;
  return (
    <section aria-labelledby="grouping-title" class="kept">
      <h2 id="grouping-title">Grouping</h2>
      {rules.length === 0 ? (
        <p class="muted">It is grouped by its fingerprint alone, nobody has merged or split it.</p>
      ) : (
        <ul class="notes">{rules.map((rule) => ruleOf(page, rule))}</ul>
      )}
      {mayChange && others.length > 0 ? (
        <form method="post" action={here} class="line-form">
          <input type="hidden" name="do" value="merge" />
          <label class="wide">
            Merge it into another problem of this stage
            <select name="into">
              {others.map(({ id, error }) => (
                <option key={id} value={id}>
                  {firstLine(error)}
                </option>
              ))}
            </select>
          </label>
          <button>Merge</button>
        </form>
      ) : null}
      {isSplittable ? (
        <details id="variants">
          <summary>{groupDigits(String(variants.length))} different messages, the most frequent first</summary>
          <ul class="history">
            {variants.map(({ line, count }) => (
              <li key={line} class="actions">
                <span class="error-note">{firstLine(line)}</span>
                <span class="muted small">{groupDigits(String(count))}</span>
                {mayChange && line !== "" && line.length <= LONGEST_SPLIT ? splitButton(here, line) : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {mayChange && isSplittable ? (
        <form method="post" action={here} class="line-form">
          <input type="hidden" name="do" value="split" />
          <label class="wide">
            Split off the failures whose error has this text in its first line
            <input name="containing" required maxLength={LONGEST_SPLIT} autocomplete="off" />
          </label>
          <button>Split off</button>
        </form>
      ) : null}
      <p class="muted small">
        What is merged and split holds for failures to come and for pages of the past alike. A stage recovers as a
        whole, so only problems of one stage can be merged.
      </p>
    </section>
  );
}

const splitButton = (here: string, line: string) => (
  <form method="post" action={here}>
    <input type="hidden" name="containing" value={line} />
    <button name="do" value="split" aria-label={`Split off: ${firstLine(line)}`}>
      Split off
    </button>
  </form>
);

function ruleOf({ here, zone, mayChange, problem }: ProblemPage, rule: Rule) {
  return (
    <li key={rule.id} class="actions">
      <span>
        {saidOf(rule, problem.id)}{" "}
        <span class="muted small">
          {rule.by}, {when(rule.createdAt, zone)}
        </span>
      </span>
      {mayChange ? (
        <form method="post" action={here}>
          <input type="hidden" name="rule" value={rule.id} />
          <button name="do" value="undo" aria-label={`Undo: ${rule.kind} of ${firstLine(rule.error)}`}>
            Undo
          </button>
        </form>
      ) : null}
    </li>
  );
}

function saidOf(rule: Rule, id: string) {
  const error = firstLine(rule.error) || "no message";
  if (rule.kind === "merge") return `Merged into it: ${error}`;
  return rule.problemId === id
    ? `Split off from it: errors that have \u201C${rule.containing}\u201D`
    : `Split off from \u201C${error}\u201D: errors that have \u201C${rule.containing}\u201D`;
}
