import type { Storage } from "./storage";

/** Where a lake is for Weir and for Spark. */
export interface LakePlace {
  storage: Storage;
  /** In the storage. */
  folder: string;
  /** The same folder as Spark sees it, `file:/srv/lake`. */
  url: string;
}
