const double = new Float64Array(1)
const doubleBytes = new DataView(double.buffer)
const utf8 = new TextEncoder()
let textBytes = new Uint8Array(256)

/** Hash of a double's bytes, in 32 bits; 0 and -0 are different. */
export function hashOfNumber(value: number, seed: number): number {
  doubleBytes.setFloat64(0, value, true)
  const low = mixBlock(seed, doubleBytes.getUint32(0, true))
  return finish(mixBlock(low, doubleBytes.getUint32(4, true)), 8)
}

/**
 * Hash of a text's bytes in UTF-8, in 32 bits. Source: Austin Appleby, MurmurHash3_x86_32 (public domain).
 */
export function hashOfText(text: string, seed: number): number {
  if (text.length * 3 > textBytes.length) textBytes = new Uint8Array(text.length * 6)
  const { written } = utf8.encodeInto(text, textBytes)
  let hash = seed
  const whole = written - (written % 4)
  for (let at = 0; at < whole; at += 4) {
    const low = (textBytes[at] as number) | ((textBytes[at + 1] as number) << 8)
    hash = mixBlock(hash, low | ((textBytes[at + 2] as number) << 16) | ((textBytes[at + 3] as number) << 24))
  }
  let rest = 0
  for (let at = written - 1; at >= whole; at--) rest = (rest << 8) | (textBytes[at] as number)
  return finish(written === whole ? hash : hash ^ scramble(rest), written)
}

function scramble(block: number): number {
  const scaled = Math.imul(block, 0xcc9e2d51)
  return Math.imul((scaled << 15) | (scaled >>> 17), 0x1b873593)
}

function mixBlock(hash: number, block: number): number {
  const mixed = hash ^ scramble(block)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number, length: number): number {
  let mixed = hash ^ length
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
