/** Mixes the seed and the number of a tree into 32 bits that no other tree shares. */
export function treeSeed(seed: number, tree: number): number {
  return mix(mix(seed) ^ Math.imul(tree + 1, 0x9e3779b1))
}

/** 32 uniform bits for a row under a seed; the same in whatever order and on whatever thread rows are visited. */
export function rowHash(seed: number, row: number): number {
  return mix(seed ^ Math.imul(row + 1, 0x85ebca6b))
}

/** The finaliser of MurmurHash3 (Austin Appleby), in 32 bits. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
