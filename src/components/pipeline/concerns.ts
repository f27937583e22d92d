/** Whether a change is about a pipeline or a batch. */
import type { ViewDelta } from "~/model/delta";
import type { Row } from "~/model/value";

export interface ConcernSpec {
  topic: string;
  /** Index of the field that tells whose an event is, and its value. */
  field: number;
  name: string;
}

/** Events that left are named by their key alone, which does not say whose they were. */
export const concerns = ({ up, del }: Pick<ViewDelta, "up" | "del">, { field, name }: ConcernSpec): boolean =>
  del.length > 0 || up.some((row: Row) => row[field] === name);
