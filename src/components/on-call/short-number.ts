/** Numbers where there is little room: `1.2 M`; three figures, and the exact one belongs into a title. */
const UNITS: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** @param value a number, or beyond 2^53-1 a decimal string */
export function shortNumber(value: number | string): string {
  const number = Number(value);
  const [unit, letter] = UNITS.find(([size]) => Math.abs(number) >= size) ?? [1, ""];
  if (unit === 1) return String(Math.round(number));
  const scaled = number / unit;
  return `${Math.abs(scaled) < 9.95 ? scaled.toFixed(1) : Math.round(scaled)} ${letter}`;
}
