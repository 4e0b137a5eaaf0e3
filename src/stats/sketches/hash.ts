const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/** Two independent 32-bit hashes of a value, written into `into`. */
export type HashPair = Uint32Array

/** Hashes a double by its bits; the constants are those of MurmurHash3's finalizer (A. Appleby, public domain). */
export function hashNumber(value: number, into: HashPair): void {
  double[0] = value
  const low = halves[0]!
  const high = halves[1]!
  let first = Math.imul(low ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(high ^ (high >>> 15), 0xc2b2ae35)
  first = finish(first)
  let second = Math.imul(high ^ 0x7f4a7c15, 0x27d4eb2f) ^ Math.imul(low ^ (low >>> 13), 0x165667b1)
  second = finish(second ^ first)
  into[0] = first
  into[1] = second
}

/** Hashes a text by its UTF-16 units: two multiplying lanes that exchange their halves at the end. */
export function hashText(text: string, into: HashPair): void {
  let first = 0xdeadbeef
  let second = 0x41c6ce57
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    first = Math.imul(first ^ unit, 0x9e3779b1)
    second = Math.imul(second ^ unit, 0x5f356495)
  }
  const mixed = finish(first ^ (second >>> 13))
  into[0] = mixed
  into[1] = finish(second ^ mixed)
}

function finish(hash: number): number {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
