import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { AppError } from "../model/app-error";
import { InFlight } from "./in-flight";
import { bodyFormat, readBody } from "./receive";

const MAX = 1_000;

async function* chunks(...parts: (Buffer | string)[]) {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part as string));
}

const read = (body: AsyncIterable<Uint8Array>, contentEncoding: string | null = null) =>
  readBody({ contentType: null, contentEncoding, body }, MAX);

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return (error as AppError).code;
};

describe("the content type", () => {
  test.each([
    ["application/json", "json"],
    ["Application/JSON; charset=UTF-8", "json"],
    ['application/json; profile=x; charset="utf-8"', "json"],
    ["application/x-ndjson", "ndjson"],
    ["application/avro", "avro"],
    ["avro/binary", "avro"],
  ])("%s is read as %s", (type, format) => {
    expect(bodyFormat(type)).toBe(format);
  });

  test.each([
    [null],
    [""],
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["constructor"],
    ["application/json; charset=latin1"],
  ])("%s is not read", (type) => {
    expect(() => bodyFormat(type)).toThrow(expect.objectContaining({ code: "unsupported-type" }) as Error);
  });
});

describe("the body", () => {
  test("is what came in, in one piece or many, inflated when it says so", async () => {
    expect((await read(chunks("ab", "c"))).toString()).toBe("abc");
    expect((await read(chunks(gzipSync("abc")), "gzip")).toString()).toBe("abc");
    expect((await read(chunks("abc"), " Identity ")).toString()).toBe("abc");
  });

  test("may be as large as the bound and no larger", async () => {
    expect(await read(chunks(Buffer.alloc(MAX)))).toHaveLength(MAX);
    expect(await codeOf(read(chunks(Buffer.alloc(MAX), "x")))).toBe("too-large");
  });

  test("that goes on without end is left at the bound", async () => {
    let sent = 0;
    async function* endless() {
      for (;;) {
        sent++;
        yield await Promise.resolve(Buffer.alloc(100));
      }
    }
    expect(await codeOf(read(endless()))).toBe("too-large");
    expect(sent).toBe(11);
  });

  test("that is a bomb behind gzip stops at the bound", async () => {
    const bomb = gzipSync(Buffer.alloc(900_000));
    expect(bomb.length).toBeLessThan(MAX);
    expect(await codeOf(read(chunks(bomb), "gzip"))).toBe("too-large");
  });

  test.each<[string, string | null, Buffer, string]>([
    ["empty", null, Buffer.alloc(0), "bad-body"],
    ["no gzip though it says so", "gzip", Buffer.from("hello"), "bad-body"],
    ["gzip that is cut off", "gzip", gzipSync("hello hello").subarray(0, 15), "bad-body"],
    ["in another encoding", "br", Buffer.from("x"), "unsupported-type"],
    ["encoded twice", "gzip, gzip", Buffer.from("x"), "unsupported-type"],
  ])("that is %s has a clear answer", async (_what, encoding, bytes, code) => {
    expect(await codeOf(read(chunks(bytes), encoding))).toBe(code);
  });
});

test("all bodies together are bounded, and what ends makes room (invariant 6)", async () => {
  const inFlight = new InFlight(2 * MAX);
  const one = inFlight.meter(chunks(Buffer.alloc(MAX)));
  const two = inFlight.meter(chunks(Buffer.alloc(MAX)));
  const three = inFlight.meter(chunks("x"));
  await read(one.body);
  await read(two.body);
  expect(await codeOf(read(three.body))).toBe("staging-full");
  one.release();
  one.release();
  await read(inFlight.meter(chunks(Buffer.alloc(MAX))).body);
  expect(await codeOf(read(inFlight.meter(chunks("x")).body))).toBe("staging-full");
});

test("what small bodies inflate to counts against what all requests together may hold (invariant 6)", async () => {
  const inFlight = new InFlight(1_500);
  const bomb = () => {
    const { body, take, release } = inFlight.meter(chunks(gzipSync(Buffer.alloc(900))));
    return { read: readBody({ contentType: null, contentEncoding: "gzip", body }, MAX, take), release };
  };
  const first = bomb();
  expect(await first.read).toHaveLength(900);
  expect(await codeOf(bomb().read)).toBe("staging-full");
});
