/** How many lines a list on a page has, unless the address asks for more. */
export const LISTED = 200;
export const MOST_LISTED = 5_000;

/** The parameter `limit` of the same list with more lines. */
export const moreLines = (limit: number): string => String(Math.min(MOST_LISTED, limit * 5));
