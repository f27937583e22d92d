/** Somewhere to go, or something to do, in the command palette. */
export interface Destination {
  /** Heading under which it stands. */
  group: string;
  label: string;
  /** What tells it from others of that label: a stage, a state, an owner. */
  detail: string;
  /** Where it leads; null = it does something. */
  href: string | null;
  act: (() => void) | null;
}

export const toGo = (group: string, label: string, href: string, detail = ""): Destination => ({
  group,
  label,
  detail,
  href,
  act: null,
});

export const toDo = (group: string, label: string, act: () => void, detail = ""): Destination => ({
  group,
  label,
  detail,
  href: null,
  act,
});
