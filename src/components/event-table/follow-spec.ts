/** What the browser needs to follow the view of a page: rendered as one attribute beside the rows, read once by the live layer. */
import type { ColumnFilter } from "~/model/filter";
import type { Position } from "~/model/position";
import type { Topic } from "~/model/view";
import type { TableShape } from "./shape";

export interface FollowSpec {
  topic: Topic;
  position: Position;
  shape: TableShape;
  filter: {
    /** Epoch ms; null = open, or a window that moves with the instant. */
    from: number | null;
    to: number | null;
    text: string | null;
    columns: readonly ColumnFilter[];
    /** Length of the window that moves with the instant; null = none does. */
    windowMs: number | null;
  };
  limit: number;
  /** Whether the markup reaches the end of what matches. */
  complete: boolean;
  /** The page's filter as query of the `rows` call. */
  query: string;
}
