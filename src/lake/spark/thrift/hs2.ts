/** The words of HiveServer2's protocol (TCLIService) that are used here, as they come out of `rpc-codec.ts`. */

/** Opaque: goes back as it came. */
export interface Handle {
  readonly [field: string]: unknown;
}

export interface Status {
  statusCode: number;
  infoMessages: string[] | null;
  sqlState: string | null;
  errorMessage: string | null;
}

export const STATUS = { SUCCESS: 0, SUCCESS_WITH_INFO: 1, STILL_EXECUTING: 2, ERROR: 3, INVALID_HANDLE: 4 } as const;

export const STATE = {
  INITIALIZED: 0,
  RUNNING: 1,
  FINISHED: 2,
  CANCELED: 3,
  CLOSED: 4,
  ERROR: 5,
  UNKNOWN: 6,
  PENDING: 7,
  TIMEDOUT: 8,
} as const;

/** Columnar answers need V6; servers answer with the least of theirs and ours. */
export const PROTOCOL_V10 = 9;
export const FETCH_NEXT = 0;

/** Types of a column, by their number in the protocol. */
export const COLUMN_TYPES = [
  "BOOLEAN",
  "TINYINT",
  "SMALLINT",
  "INT",
  "BIGINT",
  "FLOAT",
  "DOUBLE",
  "STRING",
  "TIMESTAMP",
  "BINARY",
  "ARRAY",
  "MAP",
  "STRUCT",
  "UNION",
  "USER_DEFINED",
  "DECIMAL",
  "NULL",
  "DATE",
  "VARCHAR",
  "CHAR",
  "INTERVAL_YEAR_MONTH",
  "INTERVAL_DAY_TIME",
  "TIMESTAMP_LTZ",
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface Column<T = unknown> {
  values: T[];
  /** Bit per row, least significant first; may be shorter than the rows. */
  nulls: Buffer;
}

/** One of them is not null. */
export type AnyColumn = Record<
  "boolVal" | "byteVal" | "i16Val" | "i32Val" | "i64Val" | "doubleVal" | "stringVal" | "binaryVal",
  Column | null
>;

export interface ColumnDescription {
  columnName: string;
  position: number;
  typeDesc: { types: { primitiveEntry: { type: number } | null }[] };
}

interface Answer {
  status: Status;
}

/** Requests and answers by the name of the call. */
export interface Calls {
  OpenSession: {
    request: { client_protocol: number; username?: string; password?: string; configuration: Record<string, string> };
    response: Answer & { serverProtocolVersion: number; sessionHandle: Handle | null };
  };
  CloseSession: { request: { sessionHandle: Handle }; response: Answer };
  ExecuteStatement: {
    request: { sessionHandle: Handle; statement: string; runAsync: boolean; queryTimeout: bigint };
    response: Answer & { operationHandle: Handle | null };
  };
  GetOperationStatus: {
    request: { operationHandle: Handle };
    response: Answer & { operationState: number | null; sqlState: string | null; errorMessage: string | null };
  };
  GetResultSetMetadata: {
    request: { operationHandle: Handle };
    response: Answer & { schema: { columns: ColumnDescription[] } | null };
  };
  FetchResults: {
    request: { operationHandle: Handle; orientation: number; maxRows: bigint; fetchType: number };
    response: Answer & { hasMoreRows: boolean | null; results: { columns: AnyColumn[] | null } | null };
  };
  CancelOperation: { request: { operationHandle: Handle }; response: Answer };
  CloseOperation: { request: { operationHandle: Handle }; response: Answer };
}

export type CallName = keyof Calls;
