/**
 * Bytes, wherever they lie. The lake's format, staging and dead letters stand on this port and on nothing else, so that a
 * test can make any step of any of them fail.
 *
 * Paths are relative to the storage's root, with `/`, never beginning with one; one more at the end of a folder
 * changes nothing.
 */
export interface Entry {
  name: string;
  isFolder: boolean;
  /** 0 for folders. */
  bytes: number;
  modifiedAt: number;
}

export interface Storage {
  /** Where this path is for an engine that opens files by itself (DuckDB, Spark). */
  locate(path: string): string;
  /** What a folder holds, in no order; a folder that does not exist holds nothing. */
  list(folder: string): Promise<Entry[]>;
  /**
   * Null when there is no such file. Of a folder: when something came into it or left it last, where the storage knows that (a disk
   * does), else null. `modifiedAt` is the storage's time, which may not be this machine's.
   */
  stat(path: string): Promise<{ bytes: number; modifiedAt: number } | null>;
  /** @throws AppError not-found */
  read(path: string): Promise<Uint8Array>;
  /** Creates or replaces a file: whole and durable, or not there at all. Makes the folder. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * Creates a file, whole and durable. False, and nothing changed, when it exists.
   *
   * @param drafts where it may lie until it is whole, and stay when the process dies: a folder that is taken away then. Absent =
   *   beside its place
   */
  putIfAbsent(path: string, bytes: Uint8Array, drafts?: string): Promise<boolean>;
  /**
   * Makes a file that somebody else wrote (an engine, to a temporary name) durable under its final name. On a disk that is one step: a
   * temporary file that is gone cannot be published any more, by which a commit of a process that wakes is stopped. In a bucket it is
   * a copy and a removal, so commits are not completed in this way there.
   */
  publish(temporary: string, path: string): Promise<void>;
  makeFolder(folder: string): Promise<void>;
  /** Nothing happens when it does not exist. */
  remove(path: string): Promise<void>;
  removeFolder(folder: string): Promise<void>;
}
