import { CorruptError, type Cursor } from "./cursor";

/**
 * The count of the next part of an array or map; 0 ends it. Every item has at least a byte, so a larger count is damage: six
 * bytes could otherwise ask for two thousand million items.
 */
export function itemCount(cursor: Cursor): number {
  let count = cursor.smallLong();
  if (count < 0) {
    count = -count;
    cursor.smallLong(); // the size of the part, for those who jump over it
  }
  if (count > cursor.end - cursor.pos)
    throw new CorruptError(`a collection names ${count} items, more than the data has`);
  return count;
}
