/** The client against servers that do what real ones do on a bad day. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { packageRoot } from "~/config";
import { sql } from "~/lake/spark/sql/sql";
import type { SparkAddress } from "~/lake/spark/spark-url";
import { openSparkSession, type SessionOptions, type SparkSession } from "~/lake/spark/thrift/session";
import {
  framed,
  hostileHs2,
  hostileHttpHs2,
  make,
  wireStatus,
  type Behaviour,
  type Outcome,
  type WireColumn,
} from "../support/hostile-hs2";
import { until } from "../support/until";

const TRACE = `org.apache.hive.service.cli.HiveSQLException: Error running query: org.apache.spark.sql.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] The table \`secret\` cannot be found.
	at org.apache.spark.sql.hive.thriftserver.SparkExecuteStatementOperation.execute(SparkExecuteStatementOperation.scala:1)`;

const text = (values: string[], name = "text"): WireColumn => ({ name, type: 7, member: "stringVal", values });

async function open(address: SparkAddress, options: SessionOptions = {}): Promise<SparkSession> {
  const session = await openSparkSession(address, options);
  onTestFinished(() => session.close());
  return session;
}

const openTo = async (behaviour: Behaviour, options?: SessionOptions) => {
  const server = await hostileHs2(behaviour);
  return { server, session: await open(server.address, options) };
};

describe("opening a session", () => {
  it("says that nothing listens there", async () => {
    const { address } = await hostileHs2();
    const refused = openSparkSession({ ...address, port: 1 });
    await expect(refused).rejects.toMatchObject({ code: "engine-unavailable", details: { retryAfterMs: 5_000 } });
    await expect(refused).rejects.toThrow("Spark at 127.0.0.1:1 cannot be reached");
  });

  it("gives a server up that takes the connection and never speaks", async () => {
    const { address, sockets } = await hostileHs2({ onConnection: () => true });
    const opened = openSparkSession(address, { connectMs: 50 });
    await expect(opened).rejects.toThrow(/did not take the connection within 0.05 s/);
    await until("the end of the connection", () => sockets.size === 0);
  });

  it("gives a server up that never answers after the login", async () => {
    const { address } = await hostileHs2({ handlers: { OpenSession: () => undefined } });
    await expect(openSparkSession(address, { callMs: 50 })).rejects.toThrow(/did not answer within 0.05 s/);
  });

  it("tells who was refused, in one line and without the password", async () => {
    const { address } = await hostileHs2({ saslStatus: 3 });
    const refused = openSparkSession({ ...address, user: "ann", password: "s3cret" });
    await expect(refused).rejects.toThrow(/refused the user "ann": Error validating the login\.$/);
  });

  it("recognises a web server on the port", async () => {
    const server = createServer((_, response) => response.end("hello"));
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await until("the port", () => server.listening);
    const { address } = await hostileHs2();
    const wrong = openSparkSession({ ...address, port: (server.address() as AddressInfo).port });
    await expect(wrong).rejects.toThrow(/another protocol than HiveServer2's \(it speaks HTTP: transport=http\?\)/);
  });

  it("is not fooled by a frame that claims to be huge", async () => {
    const { address } = await hostileHs2({
      sasl: "plain",
      onConnection: (socket) => {
        socket.on("data", () => socket.write(Buffer.from([5, 0x7f, 0xff, 0xff, 0xff])));
        return true;
      },
    });
    await expect(openSparkSession(address)).rejects.toThrow(/another protocol/);
  });

  it("gives a server up that answers with noise", async () => {
    let login = true;
    const { address } = await hostileHs2({
      onConnection: (socket) => {
        socket.on("data", () => {
          socket.write(login ? Buffer.from([5, 0, 0, 0, 0]) : framed(Buffer.from("gibberish, and more of it")));
          login = false;
        });
        return true;
      },
    });
    await expect(openSparkSession(address)).rejects.toThrow(/gave an answer that cannot be read/);
  });

  it.each([
    ["spark.sql.session.timeZone=Europe/Berlin", 0, "Europe/Berlin"],
    ["spark.sql.variable.substitute=true", 1, false],
    ["spark.sql.parser.escapedStringLiterals=true", 2, false],
  ])("refuses a server with %s", async (setting, column, value) => {
    const right: unknown[] = ["UTC", true, true];
    right[column] = value;
    const { address } = await hostileHs2({ answer: (statement) => checks(statement, right, "0") });
    await expect(openSparkSession(address)).rejects.toThrow(`runs with ${setting}`);
  });

  it("refuses a server that caches relations, and says what to set", async () => {
    const { address } = await hostileHs2({ answer: (statement) => checks(statement, ["UTC", true, true], "1000") });
    await expect(openSparkSession(address)).rejects.toThrow(
      "runs with spark.sql.filesourceTableRelationCacheSize=1000; it has to be 0",
    );
  });
});

/** What a session asks when it is opened, answered wrongly. */
function checks(statement: string, answers: readonly unknown[], cache: string): WireColumn[] {
  if (statement.startsWith("SET ")) return [text(["key"]), text([cache])];
  return answers.map((value) =>
    typeof value === "string" ? text([value]) : { name: "yes", type: 0, member: "boolVal", values: [value] },
  );
}

/** A server whose statements about `data` end like this. */
const withOutcome = (outcome: Outcome, more: Behaviour = {}): Behaviour => ({
  ...more,
  answer: (statement) => (statement.includes("data") ? outcome : undefined),
});

const data = sql`SELECT * FROM data`;

describe("a statement", () => {
  it("fails with the first line of Spark's words; the stack trace is the cause alone", async () => {
    const { session } = await openTo(withOutcome({ state: 5, words: TRACE }));
    const failure: unknown = await session.query(data).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: "SparkError",
      errorClass: "TABLE_OR_VIEW_NOT_FOUND",
      sqlState: "42P01",
      message: "[TABLE_OR_VIEW_NOT_FOUND] The table `secret` cannot be found.",
      cause: { message: TRACE },
    });
    expect(session.usable).toBe(true);
  });

  it("fails likewise when the server refuses it at once", async () => {
    const { session, server } = await openTo({});
    const refusing = await hostileHs2({
      handlers: {
        ExecuteStatement: (_, result) => result(null, make("TExecuteStatementResp", { status: wireStatus(3, TRACE) })),
      },
    });
    await expect(openSparkSession(refusing.address)).rejects.toThrow(/^\[TABLE_OR_VIEW_NOT_FOUND\][^\n]*$/);
    expect(server.calls).toContain("OpenSession");
    expect(session.usable).toBe(true);
  });

  it("fails with the server's words when a call went wrong inside of it", async () => {
    const refusing = await hostileHs2({
      handlers: { OpenSession: (_, result) => result(new Error("Internal error processing OpenSession")) },
    });
    await expect(openSparkSession(refusing.address)).rejects.toMatchObject({
      name: "SparkError",
      message: "Internal error processing OpenSession",
    });
  });

  it("fails when the server no longer knows the session", async () => {
    const { session } = await openTo({
      handlers: {
        CloseSession: (_, result) =>
          result(null, make("TCloseSessionResp", { status: wireStatus(4, "Invalid handle") })),
      },
    });
    await session.close();
    await expect(session.query(data)).rejects.toMatchObject({ code: "engine-unavailable" });
  });

  it("never takes an answer that is not there yet for an empty one", async () => {
    let looks = 0;
    const { session, server } = await openTo({
      ...withOutcome([text(["a", "b"])]),
      handlers: {
        GetOperationStatus: (_, result) =>
          result(
            null,
            make("TGetOperationStatusResp", { status: wireStatus(), operationState: ++looks % 4 === 0 ? 2 : 1 }),
          ),
      },
    });
    expect((await session.query(data)).rows).toEqual([["a"], ["b"]]);
    expect(server.calls.join(" ")).toMatch(/FROM data( GetOperationStatus){4} GetResultSetMetadata FetchResults/);
  });

  it("has no outcome when the server dies under it, and ends the session", async () => {
    const { session, server } = await openTo(withOutcome("never"));
    const running = session.query(data);
    await until("the statement", () => server.calls.at(-1) === "GetOperationStatus");
    server.dropAll();
    await expect(running).rejects.toMatchObject({ code: "engine-unavailable", name: "AppError" });
    expect(session.usable).toBe(false);
    await expect(session.query(data)).rejects.toMatchObject({ code: "engine-unavailable" });
  });

  it("is cancelled over another connection at its deadline, and the session goes on", async () => {
    const { session, server } = await openTo(withOutcome("never"));
    await expect(session.query(data, { deadlineMs: 50 })).rejects.toThrow(
      /did not finish within 0.05 s; the query was cancelled/,
    );
    await session.execute(sql`SELECT 1`);
    expect(server.calls).toContain("CancelOperation");
    expect(session.usable).toBe(true);
  });

  it("is cancelled when its caller leaves, who is told at once", async () => {
    const { session, server } = await openTo(withOutcome("never"));
    const caller = new AbortController();
    const running = session.query(data, { signal: caller.signal });
    await until("the statement", () => server.calls.at(-1) === "GetOperationStatus");
    caller.abort(new Error("gone"));
    await expect(running).rejects.toThrow("gone");
    await session.execute(sql`SELECT 1`);
    expect(server.calls).toContain("CancelOperation");
  });

  it("is not even begun for a caller who has left before", async () => {
    const { session, server } = await openTo({});
    const before = server.calls.length;
    await expect(session.query(data, { signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
    expect(server.calls).toHaveLength(before);
  });

  it("takes the session with it when the server does not cancel", async () => {
    const { session } = await openTo(withOutcome("never", { ignoresCancel: true }));
    await expect(session.query(data, { deadlineMs: 50 })).rejects.toMatchObject({ code: "engine-unavailable" });
    await until("the end of the session", () => !session.usable);
  });

  it("carries the deadline to the server too, in whole seconds", async () => {
    let timeout: unknown = null;
    const { session } = await openTo({
      handlers: {
        ExecuteStatement: (request, result) => {
          timeout = Number(request["queryTimeout"]);
          result(null, make("TExecuteStatementResp", { status: wireStatus(3, "no") }));
        },
      },
    }).catch((error: unknown) => ({ session: error }));
    expect(session).toMatchObject({ name: "SparkError" });
    expect(timeout).toBe(31);
  });

  it("may be asked for while another runs: it waits", async () => {
    const { session, server } = await openTo({});
    await Promise.all([session.execute(sql`SELECT 1`), session.execute(sql`SELECT 2`)]);
    expect(server.calls.join(" ")).toMatch(/SELECT 1 GetOperationStatus CloseOperation ExecuteStatement SELECT 2/);
  });
});

describe("an answer", () => {
  const big = (values: bigint[], nulls?: Buffer): WireColumn => ({
    name: "big",
    type: 4,
    member: "i64Val",
    values: values.map((value) => ({ buffer: int64(value) })),
    ...(nulls === undefined ? {} : { nulls }),
  });
  const int64 = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  };

  it("keeps every digit of a BIGINT and of a DECIMAL", async () => {
    const values = [2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n];
    const decimals = { ...text(["1.10", "12345678901234567890.123456789", "-0.00"]), type: 15 };
    const { session } = await openTo(withOutcome([big(values), decimals]));
    expect((await session.query(data)).rows).toEqual(values.map((value, i) => [value, decimals.values[i]]));
  });

  it("reads nulls from the bitmap, also one that is shorter than the rows", async () => {
    const values = Array.from({ length: 12 }, (_, i) => BigInt(i));
    const { session } = await openTo(withOutcome([big(values, Buffer.from([0b1000_0001]))]));
    const { rows } = await session.query(data);
    expect(rows.map(([value]) => value)).toEqual(values.map((value, i) => (i === 0 || i === 7 ? null : value)));
  });

  it("gives columns of one name each their place", async () => {
    const { session } = await openTo(withOutcome([text(["a"], "t.id"), text(["b"], "t.id")]));
    const { columns, rows } = await session.query(data);
    expect(columns.map(({ name }) => name)).toEqual(["t.id", "t.id"]);
    expect(rows).toEqual([["a", "b"]]);
  });

  it("comes in pages of bounded size, and no further than it is wanted", async () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => `${i} ${"x".repeat(50_000)}`);
    const { session, server } = await openTo(withOutcome([text(rows)]));
    let seen = 0;
    for await (const page of session.pages(data)) {
      seen += page.length;
      if (seen > 120) break;
    }
    await session.execute(sql`SELECT 1`);
    // The first page is a guess of 100 rows; what follows is fitted to some hundred kilobytes.
    expect(seen).toBeLessThan(130);
    expect(server.calls.filter((call) => call === "FetchResults").length).toBeLessThan(10);
    expect(server.calls.join(" ")).toMatch(/FetchResults CloseOperation ExecuteStatement SELECT 1/);
  });

  it("is given up at the deadline when its reader takes no further page, and the session goes on", async () => {
    const { session } = await openTo(withOutcome([text(Array.from({ length: 500 }, (_, i) => String(i)))]));
    const pages = session.pages(data, { deadlineMs: 100 })[Symbol.asyncIterator]();
    expect((await pages.next()).done).toBe(false);
    await session.execute(sql`SELECT 1`);
    await expect(pages.next()).rejects.toThrow("did not finish within 0.1 s");
  });

  it("ends at the bound of its rows and says so", async () => {
    const { session } = await openTo(withOutcome([text(Array.from({ length: 500 }, (_, i) => String(i)))]));
    const { rows, more } = await session.query(data, { maxRows: 250 });
    expect([rows.length, rows.at(-1), more]).toEqual([250, ["249"], true]);
    expect(await session.query(data, { maxRows: 500 })).toMatchObject({ more: false });
  });

  it("whose columns differ from what was described is refused", async () => {
    const { session } = await openTo(withOutcome([text(["a", "b"]), text(["c"])]));
    await expect(session.query(data)).rejects.toThrow("Column text has other rows than the first.");
  });

  it("comes through a server without SASL just the same", async () => {
    const values = Array.from({ length: 5_000 }, (_, i) => `${i} \u{1F600}`);
    const { session } = await openTo({ ...withOutcome([text(values)]), sasl: "none" });
    expect((await session.query(data)).rows).toEqual(values.map((value) => [value]));
  });
});

describe("TLS", () => {
  const folder = join(packageRoot(), "tests", "fixtures", "spark-tls");
  const caFile = join(folder, "cert.pem");
  const tls = { key: readFileSync(join(folder, "key.pem"), "utf8"), cert: readFileSync(caFile, "utf8") };

  it("carries sessions with a server whose certificate its authority vouches for", async () => {
    const { address } = await hostileHs2({ ...withOutcome([text(["a"])]), tls });
    const session = await open({ ...address, caFile, serverName: "spark.test" });
    expect((await session.query(data)).rows).toEqual([["a"]]);
  });

  it("refuses a server that nobody vouches for", async () => {
    const { address } = await hostileHs2({ tls });
    await expect(openSparkSession(address)).rejects.toThrow(/cannot be reached: self-signed certificate/);
  });

  it("refuses a certificate that was given to another name", async () => {
    const { address } = await hostileHs2({ tls });
    await expect(openSparkSession({ ...address, caFile, serverName: "other.test" })).rejects.toThrow(
      /Hostname\/IP does not match/,
    );
  });

  it("says which file of an authority it cannot read", async () => {
    const { address } = await hostileHs2({ tls });
    await expect(openSparkSession({ ...address, caFile: "/no/such.pem" })).rejects.toThrow(
      '"/no/such.pem", the authority of Spark\'s certificate, cannot be read.',
    );
  });
});

describe("HTTP", () => {
  it("carries sessions, the password and the server's cookie as it gave it", async () => {
    const seen: string[] = [];
    const server = await hostileHttpHs2({
      ...withOutcome([text(["a"])]),
      refuse: (authorization, cookie) => {
        seen.push(`${authorization} ${cookie}`);
        return 200;
      },
    });
    const session = await open({ ...server.address, user: "ann", password: "s3cret" });
    expect((await session.query(data)).rows).toEqual([["a"]]);
    const basic = `Basic ${Buffer.from("ann:s3cret").toString("base64")}`;
    expect(seen[0]).toBe(`${basic} `);
    expect(seen.at(-1)).toBe(`${basic} hive.server2.auth=abc123`);
  });

  it.each([
    [401, 'refused the user "weir" (HTTP 401)'],
    [413, "answers HTTP 413 at /cliservice"],
    [500, "answers HTTP 500 at /cliservice"],
  ])("gives up at status %i", async (status, words) => {
    const { address } = await hostileHttpHs2({ refuse: () => status });
    await expect(openSparkSession(address)).rejects.toMatchObject({
      code: "engine-unavailable",
      message: expect.stringContaining(words) as string,
    });
  });

  it("notices that the server dies under a statement", async () => {
    const server = await hostileHttpHs2(withOutcome("never"));
    const session = await open(server.address);
    const running = session.query(data);
    await until("the statement", () => server.calls.at(-1) === "GetOperationStatus");
    server.dropAll();
    await expect(running).rejects.toMatchObject({ code: "engine-unavailable" });
    expect(session.usable).toBe(false);
  });
});
