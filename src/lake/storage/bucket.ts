/**
 * What an object store offers, as far as a lake needs it. Keys are whole names; an object is whole and durable when a call that
 * makes it returns, and seen by everybody from then on.
 *
 * All of these throw AppError engine-unavailable when the store cannot be asked, and say why.
 */
export interface StoredObject {
  key: string;
  bytes: number;
  /** Epoch ms. */
  modifiedAt: number;
}

export interface Bucket {
  /** `gs://name` */
  readonly url: string;
  /** What begins with the prefix, up to the next `/`: objects, and the prefixes (with that `/`) of those that go on. */
  level(prefix: string): Promise<{ objects: StoredObject[]; prefixes: string[] }>;
  /** Everything that begins with the prefix. */
  keys(prefix: string): Promise<string[]>;
  stat(key: string): Promise<StoredObject | null>;
  read(key: string): Promise<Uint8Array | null>;
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** False, and nothing changed, when the object exists. */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** False when there is nothing to copy. What the name held is replaced. */
  copy(from: string, to: string): Promise<boolean>;
  /** Nothing happens when it does not exist. */
  remove(key: string): Promise<void>;
}
