/** Why one value of one event is not taken. Returned, not thrown: bad events beside good ones are normal. */
export class Refusal {
  constructor(
    /** A sentence without subject: `must be a string, not 5`. */
    readonly reason: string,
    /** Where inside the event, `labels.team`; null = the event itself. */
    readonly field: string | null = null,
  ) {}

  /** The same refusal seen from the value that holds this one. */
  within(name: string): Refusal {
    const inside = this.field === null || this.field.startsWith("[") ? (this.field ?? "") : `.${this.field}`;
    return new Refusal(this.reason, name + inside);
  }
}

const MAX_SHOWN = 60;

/** A value as it can stand in a sentence: JSON on one line, bounded. */
export function shown(value: unknown): string {
  const text = typeof value === "bigint" ? value.toString() : (JSON.stringify(value) ?? String(value));
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
