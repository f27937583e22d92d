/** Events by status over the last 24 hours; each count is a link that filters. */
import { component$, type Signal } from "@builder.io/qwik";
import { groupDigits } from "../event-table/cell";
import { withParams } from "../shell/page-url";
import { toneOf } from "../ui/tone";

export interface CountsProps {
  /** Nothing is shown before the first event. */
  isEmpty: Signal<boolean>;
  counts: Signal<Readonly<Record<string, number>>>;
  /** The status words in the order of the schema; words beyond them follow. */
  known: readonly string[];
  /** Name of the status field in addresses. */
  field: string;
  feedHref: string;
}

export const Counts = component$<CountsProps>(({ isEmpty, counts, known, field, feedHref }) => {
  if (isEmpty.value) return <span hidden />;
  const byStatus = counts.value;
  const words = [...known, ...Object.keys(byStatus).filter((word) => !known.includes(word))];
  return (
    <section aria-labelledby="counts-title">
      <h2 class="quiet" id="counts-title">
        Events of the last 24 hours by status
      </h2>
      <ul class="counts">
        {words.map((word) => {
          const count = byStatus[word] ?? 0;
          return (
            <li key={word}>
              <a href={withParams(feedHref, { [field]: word })}>
                <span class={`mark ${toneOf(word)}`}>{word}</span>
                <span class="value">{groupDigits(String(count))}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
});
