/** Filters as a GET form and as chips: everything works as plain links and fields, and the address holds the state. */
import { paramsWithout } from "../shell/page-url";
import { FORM_PREFIX, type FilterField, type FilterView } from "./filter-view";

const RANGES = ["-15m", "-1h", "-6h", "-24h", "-7d"] as const;

// The attribute exists on every text field; the framework's types know it on some only.
const suggestedBy = (list: string | null) => (list === null ? {} : { list });

export const filterForm = (view: FilterView, here: string) => {
  const { fields, text, from, to } = view;
  const isRanged = from !== "" || to !== "";
  return (
    <search>
      <form class="filters" method="get" action={here.split("?", 1)[0]!} aria-label="Filters" autocomplete="off">
        {paramsWithout(here, ["q", "from", "to"]).map(([name, value]) => (
          <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
        ))}
        <label class="wide">
          Search text
          <input
            type="search"
            name="q"
            id="search"
            value={text}
            placeholder="Any text of an event, such as part of an error"
            aria-keyshortcuts="/"
          />
        </label>
        <details class="more-filters" id="more-filters">
          <summary>{isRanged ? "Fields and times (a time is set)" : "Fields and times"}</summary>
          <div>
            {fields.map(fieldOf)}
            <label>
              From (UTC)
              <input
                type="text"
                name="from"
                value={from}
                {...suggestedBy("ranges")}
                placeholder="24 h before"
                autocomplete="off"
              />
            </label>
            <label>
              Until (UTC)
              <input
                type="text"
                name="to"
                value={to}
                {...suggestedBy("ranges")}
                placeholder="newest"
                autocomplete="off"
              />
            </label>
          </div>
        </details>
        <datalist id="ranges">
          {RANGES.map((range) => (
            <option key={range} value={range} />
          ))}
        </datalist>
        <button class="primary">Filter</button>
      </form>
    </search>
  );
};

const fieldOf = ({ name, label, kind, options }: FilterField) => (
  <label key={name}>
    {label}
    {kind === "choice" ? (
      <select name={FORM_PREFIX + name}>
        <option value="">Any</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    ) : (
      <>
        <input
          type="text"
          name={FORM_PREFIX + name}
          {...suggestedBy(options.length > 0 ? `known-${name}` : null)}
          autocomplete="off"
          placeholder="Any"
        />
        {options.length > 0 && (
          <datalist id={`known-${name}`}>
            {options.map((option) => (
              <option key={option} value={option} />
            ))}
          </datalist>
        )}
      </>
    )}
  </label>
);

export const chipList = (view: FilterView, clearHref: string) => (
  <>
    {view.chips.length > 0 && (
      <ul class="chips" aria-label="Active filters">
        {view.chips.map(({ text, negated, removeHref, invertHref }) => (
          <li key={text} class={negated ? "chip not" : "chip"}>
            <span>{text}</span>
            {invertHref !== null && (
              <a href={invertHref} aria-label={`Turn around: ${text}`} title={negated ? "Only these" : "All but these"}>
                ≠
              </a>
            )}
            <a href={removeHref} aria-label={`Remove: ${text}`} title="Remove">
              ×
            </a>
          </li>
        ))}
        {view.chips.length > 1 && (
          <li>
            <a class="small" href={clearHref}>
              Clear all
            </a>
          </li>
        )}
      </ul>
    )}
  </>
);
