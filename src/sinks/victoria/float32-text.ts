const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
const [minus, point, zero, exponentSign] = [0x2d, 0x2e, 0x30, 0x65];

/** No number is longer: -3.4028234663852886e+38 */
export const longestNumber = 23;

/**
 * A finite float32 as JSON, in about as few digits as tell it from its neighbours. Answers the position behind it. Far faster
 * than to make a string of it first: nearly all that the exporter does is to write numbers.
 */
export function writeFloat32(number: number, out: Uint8Array, at: number): number {
  let size = number;
  if (number < 0) {
    out[at++] = minus;
    size = -number;
  }
  if (size < 1e9 && size === (size | 0)) return writeDigits(size, 0, out, at);
  // Below, 10 to the number of decimals is no double any more; above, every float32 is whole, and so rare that it may cost.
  if (size < 1e-13 || size >= 1e9) return writeText(String(size), out, at);
  const whole = wholeDigits(size);
  for (let digits = 7; digits <= 9; digits++) {
    const decimals = digits - whole;
    const power = powers[decimals] ?? NaN;
    const scaled = Math.round(size * power);
    // The quotient of two exact numbers is rounded once, as it is by whoever reads the text.
    if (Math.fround(scaled / power) !== size) continue;
    return writeScaled(scaled, decimals, out, at);
  }
  return writeText(String(size), out, at);
}

/** How many digits stand before the point; 0 or less where zeros stand behind it first. */
function wholeDigits(size: number): number {
  let digits = 1;
  if (size >= 1) for (; size >= (powers[digits] ?? Infinity); digits++);
  else for (; size * (powers[1 - digits] ?? Infinity) < 1; digits--);
  return digits;
}

function writeScaled(scaled: number, decimals: number, out: Uint8Array, at: number): number {
  let [digits, places] = [scaled, decimals];
  while (digits % 10 === 0) {
    digits /= 10;
    places -= 1;
  }
  if (places <= 9) return writeDigits(digits, places, out, at);
  // Rather 12345e-14 than a row of zeros.
  const behind = writeDigits(digits, 0, out, at);
  out[behind] = exponentSign;
  out[behind + 1] = minus;
  return writeDigits(places, 0, out, behind + 2);
}

/** A whole number below 2^31 with a point so many digits before its end. */
function writeDigits(whole: number, places: number, out: Uint8Array, at: number): number {
  let length = 1;
  for (let rest = whole; rest >= 10; rest = (rest / 10) | 0) length += 1;
  if (length <= places) length = places + 1;
  const end = at + length + (places > 0 ? 1 : 0);
  let rest = whole | 0;
  let position = end - 1;
  for (let digit = 0; digit < length; digit++) {
    if (digit === places && places > 0) out[position--] = point;
    const tenth = (rest / 10) | 0;
    out[position--] = zero + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}

function writeText(text: string, out: Uint8Array, at: number): number {
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
  return at + text.length;
}
