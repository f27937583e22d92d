/** Which columns of a feed are shown and in which order: `cols` of an address. Pure. */
import { AppError } from "./app-error";
import { fieldIndex, type Feed } from "./feed";

/**
 * `pipelineName,status` as indexes into the feed's fields, in that order.
 *
 * @returns null when nothing was chosen
 * @throws AppError bad-parameter that names the column and those there are
 */
export function parseColumns(feed: Feed, text: string | null): readonly number[] | null {
  if (text === null || text === "") return null;
  const names = text.split(",");
  const indexes = names.map((name) => {
    const index = fieldIndex(feed, name);
    if (index >= 0) return index;
    const known = feed.fields.map((field) => field.name).join(", ");
    throw refused(`there is no column ${JSON.stringify(name.slice(0, 100))}: columns are ${known}`);
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refused(`${JSON.stringify(twice)} is named twice`);
  return indexes;
}

const refused = (why: string): AppError => new AppError("bad-parameter", `cols: ${why}.`, { parameter: "cols" });
