// Numbers as text, like clearprop's own: 4.386e−4 and never 0.000, a true minus sign.

export const ON_CANVAS = 4;
export const IN_PANEL = 9;

export function number(value, digits) {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}∞`;
  if (Number.isInteger(size) && size < 10 ** Math.max(digits, 6)) return sign + size;
  const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power < -3 || power >= 6) return `${sign}${trimmed(mantissa)}e${String(power).replace("-", "−")}`;
  const places = digits - 1 - power;
  return sign + (places > 0 ? trimmed(size.toPrecision(digits)) : size.toFixed(0));
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
