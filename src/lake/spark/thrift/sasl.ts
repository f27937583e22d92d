/** The packages of Thrift's SASL handshake: a status byte, a length, a body. */

export const SASL = { START: 1, OK: 2, BAD: 3, ERROR: 4, COMPLETE: 5 } as const;

export function saslMessage(status: number, body: Buffer): Buffer {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt8(status);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}
