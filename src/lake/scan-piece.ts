/**
 * How many rows the next question of a scan asks for: about `rows`, and so that the last one is no small rest, which would cost
 * a distributed engine as much as the others.
 *
 * @param left rows that are still wanted
 */
export const scanPiece = (left: number, rows: number): number => Math.ceil(left / Math.max(1, Math.round(left / rows)));
