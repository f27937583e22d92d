/** Decimals in wire form: a text, so that no digit is lost, in one form per value, so that equal values are equal texts. */

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
