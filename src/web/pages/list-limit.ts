/** How many lines a list on a page has. */
import { AppError } from "../../model/app-error";

/** Unless the address asks for more. */
export const LISTED = 200;
export const MOST_LISTED = 5_000;

/** @throws AppError bad-parameter */
export function limitIn(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_LISTED) return limit;
  throw new AppError(
    "bad-parameter",
    `limit=${JSON.stringify(text.slice(0, 40))} is not a number from 1 to ${MOST_LISTED}.`,
    { parameter: "limit" },
  );
}

/** The address of the same list with more lines. */
export const moreLines = (limit: number): string => String(Math.min(MOST_LISTED, limit * 5));
