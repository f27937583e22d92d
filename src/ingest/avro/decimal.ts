/** Decimals between Avro (big-endian two's complement of the unscaled number) and wire form (a decimal string). */

/** The unscaled number of a decimal text, or null when the text is none or has more digits after the point than `scale`. */
export function unscaled(text: string, scale: number): bigint | null {
  const match = /^(-?)(\d{1,100})(?:\.(\d{1,100}))?$/.exec(text);
  if (!match) return null;
  const [, sign, whole, fraction = ""] = match;
  const kept = fraction.slice(0, scale).padEnd(scale, "0");
  if (/[1-9]/.test(fraction.slice(scale))) return null;
  const value = BigInt(whole! + kept);
  return sign === "-" ? -value : value;
}

/** Wire form: exactly `scale` digits after the point, none of the signs but `-`. */
export function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? "" : `.${digits.slice(digits.length - scale)}`;
  return `${value < 0n ? "-" : ""}${whole}${fraction}`;
}

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
