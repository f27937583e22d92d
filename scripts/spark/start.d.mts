export interface SparkOptions {
  /** 0 (the default) = any free one; another, so that a server comes back where the last one was. */
  port?: number;
  /** Java heap; the process needs about 0.5 GB beside it. Default 2048. */
  heapMiB?: number;
  /** Threads that run Spark's tasks. Default 2. */
  cores?: number;
  /** Spark settings (`spark.…`) beside or instead of those of scripts/spark/options.mjs. */
  conf?: Record<string, string>;
  /** Settings of the Thrift server (`hive.…`), likewise. */
  hive?: Record<string, string>;
  /** Lines of hudi-defaults.conf, likewise. */
  hudi?: Record<string, string>;
  /** Where Spark's log goes; default: a file in the server's temporary folder, which is removed at the end. */
  logFile?: string | null;
  /** False: ready once it answers, without the first Hudi query and MERGE (they take some seconds). */
  warm?: boolean;
  /** For tests: it starts with half the CPU time, and long work takes longer. Not for benches. */
  shortLived?: boolean;
  /** `http://127.0.0.1:8686`: a server without accounts that has the API of Google Cloud Storage; absent = `gs://` is Google's. */
  googleStorage?: string;
}

export interface RunningSpark {
  /** `hive2://127.0.0.1:PORT/default` */
  url: string;
  port: number;
  /** The JVM. */
  pid: number;
  logFile: string;
  /** From the start of the JVM to its first answer, ms. */
  startMs: number;
  /** The warm-up after it, ms. */
  warmMs: number;
  /** Resolves when the server and its keeper are gone and the temporary folder is removed. */
  ended: Promise<number | string>;
  /** In order; returns when everything of it is gone. */
  stop(): Promise<void>;
  /** `kill -9` of the JVM, as a machine that loses power; returns when everything of it is gone. Its tables in the catalog are lost. */
  kill(): Promise<void>;
}

/** Starts a warm Spark Thrift Server with Hudi; downloads the jars when they are missing. It ends with this process. */
export function startSpark(options?: SparkOptions): Promise<RunningSpark>;

/** What keeps Spark from starting on this machine (Java 17, or Maven while the jars are not in the cache): a sentence, or null. */
export function missingForSpark(): string | null;
