/** What differs between two versions of a thing, as text. */

export interface Change {
  name: string;
  /** Null = it was not there. */
  from: string | null;
  to: string | null;
}

/** Members that are the same in both are left out. */
export function changesOf(before: unknown, after: unknown): Change[] {
  const [old, now] = [membersOf(before), membersOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names
    .map((name) => ({ name, from: old.get(name) ?? null, to: now.get(name) ?? null }))
    .filter(({ from, to }) => from !== to);
}

function membersOf(thing: unknown): Map<string, string> {
  if (thing === null || typeof thing !== "object") return new Map();
  return new Map(Object.entries(thing).map(([name, value]) => [name, shown(value)]));
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
