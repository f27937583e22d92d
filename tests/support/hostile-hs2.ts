/**
 * A HiveServer2 that misbehaves as it is told: hive-driver's generated server code on Thrift's own protocol classes, behind
 * SASL PLAIN frames, bare messages, or HTTP. By itself it is a good server with no data; a test overrides what goes wrong.
 */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createRequire } from "node:module";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { onTestFinished } from "vitest";
import type { SparkAddress } from "~/lake/spark/spark-url";

const require = createRequire(import.meta.url);
const { thrift: generated } = require("hive-driver") as {
  thrift: { TCLIService: { Processor: new (handlers: object) => Processor }; TCLIService_types: Types };
};
const thrift = createRequire(require.resolve("hive-driver"))("thrift") as {
  TBinaryProtocol: new (transport: object) => object;
  TBufferedTransport: {
    new (buffer: undefined, onFlush: (message: Buffer) => void): object;
    receiver(callback: (transport: object) => void): (bytes: Buffer) => void;
  };
};

type Types = Record<string, new (fields: object) => object>;
interface Processor {
  process(input: object, output: object): void;
}

/** `result(null, answer)` answers; never calling it is a server that hangs. */
type Handler = (request: Record<string, unknown>, result: (error: Error | null, answer?: object) => void) => void;

/** A column of an answer: its name, its type's number, the member of the wire's column, values and the bits of its nulls. */
export interface WireColumn {
  name: string;
  type: number;
  member: string;
  values: unknown[];
  nulls?: Buffer;
}

/** What becomes of a statement: rows, a state other than finished with words, or no end until it is cancelled. */
export type Outcome = WireColumn[] | { state: number; words?: string } | "never";

export interface Behaviour {
  /** Undefined = as a good server without data does. */
  answer?: (statement: string) => Outcome | undefined;
  /** Cancels are answered, and nothing is cancelled. */
  ignoresCancel?: boolean;
  /** Instead of the calls of a good server. */
  handlers?: Record<string, Handler>;
  /** Called with each connection; true = the connection is the test's, and the server says nothing on it. */
  onConnection?: (socket: Socket) => boolean;
  sasl?: "plain" | "none";
  /** What SASL PLAIN says: 5 = welcome. */
  saslStatus?: number;
  tls?: { key: string; cert: string };
  /** Default: any free one. */
  port?: number;
}

export interface HostileHs2 {
  address: SparkAddress;
  /** Names of the calls, in order; statements as `ExecuteStatement SELECT 1`. */
  calls: string[];
  sockets: Set<Socket>;
  /** Every connection ends as if the machine had lost power. */
  dropAll(): void;
  /** The same, and nothing listens any more. */
  die(): Promise<void>;
}

const types = generated.TCLIService_types;
export const make = (name: string, fields: object): object => new types[name]!(fields);
export const wireStatus = (statusCode = 0, errorMessage: string | null = null): object =>
  make("TStatus", { statusCode, ...(errorMessage === null ? {} : { errorMessage, sqlState: "42000" }) });

/** An operation's or a session's number is in its handle. */
const handleId = (number: number) => {
  const guid = Buffer.alloc(16);
  guid.writeUInt32BE(number);
  return make("THandleIdentifier", { guid, secret: Buffer.alloc(16, 2) });
};

/** What a session asks when it is opened, answered as a server does that is set up right. */
function checksAnswer(statement: string): WireColumn[] | null {
  const column = (name: string, type: number, member: string, value: unknown): WireColumn => ({
    name,
    type,
    member,
    values: [value],
  });
  if (statement.includes("current_timezone()")) {
    return [
      column("zone", 7, "stringVal", "UTC"),
      column("leaves", 0, "boolVal", true),
      column("unescapes", 0, "boolVal", true),
    ];
  }
  if (statement.startsWith("SET spark.sql.filesource")) {
    return [column("key", 7, "stringVal", statement.slice(4)), column("value", 7, "stringVal", "0")];
  }
  return null;
}

interface Operation {
  outcome: Outcome;
  offset: number;
  /** Answers that wait for the statement's end. */
  waiting: ((state: number) => void)[];
}

/** The calls of a good server; `calls` learns what was called. */
function goodHandlers(behaviour: Behaviour, calls: string[]): Record<string, Handler> {
  const done = { status: wireStatus() };
  const operations: Operation[] = [];
  const operationOf = (request: Record<string, unknown>): Operation => {
    const handle = request["operationHandle"] as { operationId: { guid: Buffer } };
    return operations[handle.operationId.guid.readUInt32BE()]!;
  };
  const rowsOf = ({ outcome }: Operation): WireColumn[] => (Array.isArray(outcome) ? outcome : []);
  const answerState = (result: Parameters<Handler>[1], operationState: number, errorMessage?: string) =>
    result(
      null,
      make("TGetOperationStatusResp", {
        ...done,
        operationState,
        hasResultSet: true,
        ...(errorMessage === undefined ? {} : { errorMessage, sqlState: "42P01" }),
      }),
    );
  const handlers: Record<string, Handler> = {
    OpenSession: (_, result) => {
      const sessionHandle = make("TSessionHandle", { sessionId: handleId(0) });
      result(null, make("TOpenSessionResp", { ...done, serverProtocolVersion: 9, sessionHandle }));
    },
    ExecuteStatement: (request, result) => {
      const statement = String(request["statement"]);
      calls[calls.length - 1] += ` ${statement}`;
      const outcome = behaviour.answer?.(statement) ?? checksAnswer(statement) ?? [];
      operations.push({ outcome, offset: 0, waiting: [] });
      const operationHandle = make("TOperationHandle", {
        operationId: handleId(operations.length - 1),
        operationType: 0,
        hasResultSet: true,
      });
      result(null, make("TExecuteStatementResp", { ...done, operationHandle }));
    },
    GetOperationStatus: (request, result) => {
      const operation = operationOf(request);
      if (operation.outcome === "never") operation.waiting.push((state) => answerState(result, state));
      else if (Array.isArray(operation.outcome)) answerState(result, 2);
      else answerState(result, operation.outcome.state, operation.outcome.words);
    },
    GetResultSetMetadata: (request, result) =>
      result(null, make("TGetResultSetMetadataResp", { ...done, schema: schemaOf(rowsOf(operationOf(request))) })),
    FetchResults: (request, result) => {
      const operation = operationOf(request);
      const most = Number(request["maxRows"]);
      const columns = rowsOf(operation).map((column) => pageOf(column, operation.offset, most));
      operation.offset += most;
      const results = make("TRowSet", { startRowOffset: 0, rows: [], columns });
      result(null, make("TFetchResultsResp", { ...done, hasMoreRows: false, results }));
    },
    CancelOperation: (request, result) => {
      const { waiting } = operationOf(request);
      if (!behaviour.ignoresCancel) waiting.splice(0).forEach((answer) => answer(3));
      result(null, make("TCancelOperationResp", done));
    },
    CloseOperation: (_, result) => result(null, make("TCloseOperationResp", done)),
    CloseSession: (_, result) => result(null, make("TCloseSessionResp", done)),
  };
  const all = { ...handlers, ...behaviour.handlers };
  return Object.fromEntries(
    Object.entries(all).map(([name, handler]): [string, Handler] => [
      name,
      (request, result) => {
        calls.push(name);
        handler(request, result);
      },
    ]),
  );
}

const schemaOf = (columns: readonly WireColumn[]): object =>
  make("TTableSchema", {
    columns: columns.map(({ name, type }, position) =>
      make("TColumnDesc", {
        columnName: name,
        position,
        typeDesc: make("TTypeDesc", {
          types: [make("TTypeEntry", { primitiveEntry: make("TPrimitiveTypeEntry", { type }) })],
        }),
      }),
    ),
  });

const WIRE_COLUMNS: Record<string, string> = {
  stringVal: "TStringColumn",
  i64Val: "TI64Column",
  i32Val: "TI32Column",
  doubleVal: "TDoubleColumn",
  boolVal: "TBoolColumn",
  binaryVal: "TBinaryColumn",
};

const pageOf = ({ member, values, nulls }: WireColumn, from: number, count: number): object =>
  make("TColumn", {
    [member]: make(WIRE_COLUMNS[member]!, {
      values: values.slice(from, from + count),
      nulls: nulls ?? Buffer.alloc(0),
    }),
  });

/** Answers one message with the bytes that the generated processor writes. */
function processMessage(processor: Processor, message: Buffer, reply: (bytes: Buffer) => void): void {
  const output = new thrift.TBinaryProtocol(new thrift.TBufferedTransport(undefined, reply));
  thrift.TBufferedTransport.receiver((transport) => processor.process(new thrift.TBinaryProtocol(transport), output))(
    message,
  );
}

/** Frames after the two packages of a SASL PLAIN login; bare messages without. */
function serve(socket: Socket, behaviour: Behaviour, processor: Processor): void {
  let held = Buffer.alloc(0);
  let packages = behaviour.sasl === "none" ? 2 : 0;
  socket.on("error", () => undefined); // the other side is free to go
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (behaviour.sasl === "none") {
      const message = held;
      held = Buffer.alloc(0);
      processMessage(processor, message, (bytes) => socket.write(bytes));
      return;
    }
    for (;;) {
      const head = packages < 2 ? 5 : 4;
      if (held.length < head) return;
      const length = head + held.readUInt32BE(head - 4);
      if (held.length < length) return;
      const body = held.subarray(head, length);
      held = held.subarray(length);
      if (packages < 2) {
        packages++;
        if (packages === 2) socket.write(saslAnswer(behaviour.saslStatus ?? 5));
      } else processMessage(processor, body, (bytes) => socket.write(framed(bytes)));
    }
  });
}

const saslAnswer = (status: number): Buffer => {
  const words = Buffer.from(status === 5 ? "" : "Error validating the login\n\tat org.apache.hive.Auth(Auth.java:1)");
  const head = Buffer.alloc(5);
  head.writeUInt8(status);
  head.writeUInt32BE(words.length, 1);
  return Buffer.concat([head, words]);
};

export const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(message.length);
  return Buffer.concat([head, message]);
};

/** Starts one on a free port for one test. */
export async function hostileHs2(behaviour: Behaviour = {}): Promise<HostileHs2> {
  const calls: string[] = [];
  const processor = new generated.TCLIService.Processor(goodHandlers(behaviour, calls));
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Without a reader it would not notice the other side's end.
    if (behaviour.onConnection?.(socket) === true) socket.resume().on("error", () => undefined);
    else serve(socket, behaviour, processor);
  };
  const server = behaviour.tls ? createTlsServer(behaviour.tls, accept) : createTcpServer(accept);
  // TLS knows no reset.
  const dropAll = () => sockets.forEach((socket) => (behaviour.tls ? socket.destroy() : socket.resetAndDestroy()));
  const die = await listen(server, behaviour.port ?? 0, dropAll);
  const address = addressOf(server, { sasl: behaviour.sasl ?? "plain", tls: behaviour.tls !== undefined });
  return { address, calls, sockets, dropAll, die };
}

/** The same over HTTP; `refuse` may answer a request with a status of its own. */
export async function hostileHttpHs2(
  behaviour: Behaviour & { refuse?: (authorization: string, cookie: string) => number } = {},
): Promise<HostileHs2> {
  const calls: string[] = [];
  const processor = new generated.TCLIService.Processor(goodHandlers(behaviour, calls));
  const sockets = new Set<Socket>();
  const server = createHttpServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { authorization = "", cookie = "" } = request.headers;
      const status = behaviour.refuse?.(authorization, cookie) ?? 200;
      response.setHeader("set-cookie", ["hive.server2.auth=abc123; Path=/cliservice; HttpOnly; Max-Age=86400"]);
      response.statusCode = status;
      if (status !== 200) response.end("<html>java.lang.IllegalStateException\n\tat org.eclipse.jetty</html>");
      else processMessage(processor, Buffer.concat(pieces), (bytes) => response.end(bytes));
    });
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const dropAll = () => sockets.forEach((socket) => socket.resetAndDestroy());
  const die = await listen(server, behaviour.port ?? 0, dropAll);
  return { address: addressOf(server, { transport: "http" }), calls, sockets, dropAll, die };
}

async function listen(server: Server, port: number, dropAll: () => void): Promise<() => Promise<void>> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const die = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    dropAll();
    await closed;
  };
  onTestFinished(die);
  return die;
}

const addressOf = (server: Server, more: Partial<SparkAddress>): SparkAddress => ({
  host: "127.0.0.1",
  port: (server.address() as AddressInfo).port,
  database: "default",
  user: "weir",
  password: null,
  transport: "binary",
  sasl: "plain",
  tls: false,
  caFile: null,
  serverName: null,
  path: "/cliservice",
  ...more,
});
