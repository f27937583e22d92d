/**
 * Health checks, a line each: what is so in each table. What it should be, why that matters and what to do opens below it, and is
 * open where something is past its limit.
 */
import { worstOf, type Check, type CheckState } from "~/model/table-health/check";
import { CHECK_TONES, CHECK_WORDS } from "./check-tone";
import { mark } from "../ui/mark";

/** @param hrefOf the page of an instant */
export const checkList = (checks: readonly Check[], hrefOf: (instant: string) => string) => {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const known = groups.get(check.id);
    if (known) known.push(check);
    else groups.set(check.id, [check]);
  }
  return <div class="checks panel-box">{[...groups.values()].map((group) => checkLine(group, hrefOf))}</div>;
};

const checkLine = (group: readonly Check[], hrefOf: (instant: string) => string) => {
  const { id, title, limit, why, cure } = group[0]!;
  const state = stateOf(group);
  const isPast = state === "watch" || state === "bad";
  const values = group.length > 1 && group.every(({ value }) => value === group[0]!.value) ? [group[0]!] : group;
  const instants = [...new Set(group.flatMap((check) => check.instants))].filter((one) => /^\d{17}$/.test(one));
  return (
    <details key={id} id={id} class="health-check" data-state={state} open={isPast}>
      <summary>
        <span class="check-name">{title}</span>
        {mark(CHECK_TONES[state], CHECK_WORDS[state])}
        <span class="check-values">
          {values.map(({ table, value }) => (
            <span key={`${table}`}>
              {values.length > 1 ? <span class="muted">{table} </span> : null}
              {value}
            </span>
          ))}
        </span>
        <span class="check-limit muted">{limit === null ? "" : `should be: ${limit}`}</span>
      </summary>
      <div class="check-why small">
        {limit === null ? null : <p class="check-should">Should be: {limit}.</p>}
        <p>{why}</p>
        <p>
          <b>What to do:</b> {cure}
        </p>
        {instants.length === 0 ? null : (
          <p>
            Instants:{" "}
            {instants.map((instant) => (
              <a key={instant} class="mono" href={hrefOf(instant)}>
                {instant}
              </a>
            ))}
          </p>
        )}
      </div>
    </details>
  );
};

/** Of the same check of several tables the worst; not known only where it is known of none. */
function stateOf(group: readonly Check[]): CheckState {
  const worst = worstOf(group);
  if (worst !== "ok") return worst;
  const states = group.map(({ state }) => state);
  return states.find((state) => state === "ok") ?? states.find((state) => state === "note") ?? "unknown";
}
