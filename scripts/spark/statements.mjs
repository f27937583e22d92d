/**
 * Runs statements on a HiveServer2 without any package: what is needed to warm a server up before it is called ready. The
 * program itself has a whole client (src/lake/spark/thrift).
 *
 * Thrift's binary protocol in frames, after a SASL PLAIN handshake. A struct is an object: field number → [type, value].
 */
import net from "node:net";

const BOOL = 2;
const BYTE = 3;
const DOUBLE = 4;
const I16 = 6;
const I32 = 8;
const I64 = 10;
const STRING = 11;
const STRUCT = 12;
const MAP = 13;
const LIST = 15;
const VERSION_1_CALL = 0x80010001;
const PROTOCOL_V10 = 9;

/** Statuses of HiveServer2 that are no error: success, with or without information. */
const SUCCESS = new Set([0, 1]);

/**
 * Runs statements one after the other in one session.
 * @param {{ host: string, port: number }} address
 * @param {readonly string[]} statements
 * @throws {Error} when the server is not there (yet), ends the connection or refuses a statement
 */
export async function runStatements({ host, port }, statements) {
  const socket = net.connect({ host, port });
  const read = reader(socket);
  try {
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    await logIn(socket, read);
    const opened = await call(socket, read, "OpenSession", { 1: [I32, PROTOCOL_V10] });
    const session = opened[3];
    for (const statement of statements) {
      const request = { 1: session, 2: [STRING, statement], 4: [BOOL, false] };
      const { 2: operation } = await call(socket, read, "ExecuteStatement", request);
      await call(socket, read, "CloseOperation", { 1: operation });
    }
    await call(socket, read, "CloseSession", { 1: session });
  } finally {
    socket.destroy();
  }
}

/** @returns {(length: number) => Promise<Buffer>} exactly so many bytes of what the socket receives */
function reader(socket) {
  let held = Buffer.alloc(0);
  let ended = null;
  let wake = () => undefined;
  const end = (error) => {
    ended = error;
    wake();
  };
  socket.on("data", (chunk) => {
    held = Buffer.concat([held, chunk]);
    wake();
  });
  socket.on("error", end);
  socket.on("close", () =>
    end(ended ?? Object.assign(new Error("The server closed the connection."), { code: "ECLOSED" })),
  );
  return async (length) => {
    while (held.length < length) {
      if (ended) throw ended;
      await new Promise((resolve) => (wake = resolve));
    }
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  };
}

async function logIn(socket, read) {
  const package_ = (status, body) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(status);
    head.writeUInt32BE(body.length, 1);
    return Buffer.concat([head, body]);
  };
  socket.write(package_(1, Buffer.from("PLAIN")));
  socket.write(package_(2, Buffer.from("weir\0weir\0weir")));
  const head = await read(5);
  const body = await read(head.readUInt32BE(1));
  if (head[0] !== 5) throw new Error(`The server refused the login: ${body}`);
}

async function call(socket, read, name, request) {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(VERSION_1_CALL);
  const message = Buffer.concat([head, encode(STRING, name), encode(I32, 0), encode(STRUCT, { 1: [STRUCT, request] })]);
  socket.write(Buffer.concat([encode(I32, message.length), message]));
  const answer = await read((await read(4)).readUInt32BE());
  const at = { position: 8 + answer.readUInt32BE(4) + 4 };
  const response = decode(STRUCT, answer, at)[0]?.[1];
  const status = response?.[1]?.[1];
  if (status === undefined || !SUCCESS.has(status[1][1]))
    throw new Error(`${name}: ${String(status?.[5]?.[1] ?? "an answer without a status").split("\n")[0]}`);
  return response;
}

function encode(type, value) {
  switch (type) {
    case BOOL:
      return Buffer.from([value ? 1 : 0]);
    case I32: {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(value);
      return bytes;
    }
    case DOUBLE: {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value);
      return bytes;
    }
    case STRING:
      return Buffer.concat([encode(I32, Buffer.byteLength(value)), Buffer.from(value)]);
    case STRUCT: {
      const fields = Object.entries(value).map(([id, [of, item]]) =>
        Buffer.concat([Buffer.from([of, 0, Number(id)]), encode(of, item)]),
      );
      return Buffer.concat([...fields, Buffer.from([0])]);
    }
    default:
      throw new Error(`There is no request with a field of type ${type}.`);
  }
}

/** Texts stay bytes: handles are bytes too, and go back as they came. */
function decode(type, bytes, at) {
  const skip = (length) => (at.position += length) - length;
  switch (type) {
    case BOOL:
      return bytes.readInt8(skip(1)) === 1;
    case BYTE:
      return bytes.readInt8(skip(1));
    case I16:
      return bytes.readInt16BE(skip(2));
    case I32:
      return bytes.readInt32BE(skip(4));
    case I64:
      return bytes.readBigInt64BE(skip(8));
    case DOUBLE:
      return bytes.readDoubleBE(skip(8));
    case STRING: {
      const length = bytes.readInt32BE(skip(4));
      return bytes.subarray(skip(length), at.position);
    }
    case STRUCT: {
      const fields = {};
      for (let of = bytes[skip(1)]; of !== 0; of = bytes[skip(1)]) {
        const id = bytes.readInt16BE(skip(2));
        fields[id] = [of, decode(of, bytes, at)];
      }
      return fields;
    }
    case LIST: {
      const of = bytes[skip(1)];
      const length = bytes.readInt32BE(skip(4));
      return Array.from({ length }, () => decode(of, bytes, at));
    }
    case MAP: {
      const [key, value] = [bytes[skip(1)], bytes[skip(1)]];
      const length = bytes.readInt32BE(skip(4));
      return Array.from({ length }, () => [decode(key, bytes, at), decode(value, bytes, at)]);
    }
    default:
      throw new Error(`There is no answer with a field of type ${type}.`);
  }
}
