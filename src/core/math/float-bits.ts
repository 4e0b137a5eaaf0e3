const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
/** Which of the two words is the high one depends on the host's byte order. */
const high = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0

/** Sign, exponent and upper 20 fraction bits of a double. */
export function highWord(value: number): number {
  double[0] = value
  return words[high] as number
}

/** `value` with its high word replaced. */
export function withHighWord(value: number, word: number): number {
  double[0] = value
  words[high] = word
  return double[0]
}

/** 2 to the power of a whole number between -1022 and 1023. */
export function powerOfTwo(exponent: number): number {
  double[0] = 0
  words[high] = (exponent + 1023) << 20
  return double[0]
}
