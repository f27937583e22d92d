import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BinaryReader, MalformedMessage, WIRE } from "./binary-protocol";
import { messageLength } from "./message-length";
import { RpcCodec } from "./rpc-codec";

const request = { client_protocol: 9, username: "ann", configuration: { "use:database": "lake", b: "c" } };

describe("the binary protocol", () => {
  it("finds the end of a message wherever its bytes are cut", () => {
    const message = new RpcCodec().encode("OpenSession", request);
    for (let length = 0; length < message.length; length++) {
      expect(messageLength(message.subarray(0, length))).toBeNull();
    }
    expect(messageLength(Buffer.concat([message, Buffer.from("more")]))).toBe(message.length);
  });

  it("never believes a size that the message cannot hold", () => {
    const list = Buffer.from([WIRE.LIST, 0, 1, WIRE.I64, 0x7f, 0xff, 0xff, 0xff, 0]);
    expect(() => new BinaryReader(list).skip(WIRE.STRUCT)).toThrow(MalformedMessage);
  });

  it("takes no bytes for a message that are none, and does not hang on them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const codec = new RpcCodec();
        codec.encode("OpenSession", request);
        expect(() => codec.decode("OpenSession", Buffer.from(bytes))).toThrow(MalformedMessage);
      }),
    );
  });

  it("survives an answer with any byte of it changed", () => {
    const codec = new RpcCodec();
    const sent = codec.encode("OpenSession", request);
    sent[3] = 2; // a reply
    fc.assert(
      fc.property(fc.nat(sent.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(sent);
        bytes[at] = byte;
        try {
          codec.decode("OpenSession", bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
