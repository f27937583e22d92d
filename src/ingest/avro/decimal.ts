/** The unscaled numbers of decimals (`model/decimal.ts`) as Avro has them: big-endian two's complement. */

export const digitsOf = (value: bigint): number => (value < 0n ? -value : value).toString().length;

export function fromTwosComplement(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const value = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** The shortest form, or exactly `size` bytes. Null when it does not fit. */
export function toTwosComplement(value: bigint, size: number | null): Buffer | null {
  let length = size ?? 1;
  if (size === null) while (BigInt.asIntN(length * 8, value) !== value) length++;
  if (BigInt.asIntN(length * 8, value) !== value) return null;
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, "0"),
    "hex",
  );
}
