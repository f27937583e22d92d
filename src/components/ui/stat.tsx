/** A number with its name, which leads to what it counts. */
import type { Tone } from "./tone";

export interface Stat {
  label: string;
  value: string;
  /** Where what is counted is listed; null = nowhere. */
  href: string | null;
  tone?: Tone | undefined;
  /** What the number is compared with, in a few words. */
  note?: string | undefined;
}

export const stat = ({ label, value, href, tone, note }: Stat) => {
  const inside = (
    <>
      <span class={tone ? `mark ${tone}` : "stat-label"}>{label}</span>
      <span class="value">{value}</span>
      {note ? <span class="muted small">{note}</span> : null}
    </>
  );
  return href === null ? (
    <div key={label} class="stat">
      {inside}
    </div>
  ) : (
    <a key={label} class="stat" href={href}>
      {inside}
    </a>
  );
};
