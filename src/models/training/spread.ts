/** Places evenly over so many rows, the first among them; at most `most`. */
export function spread(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most)
  return Uint32Array.from({ length: count }, (_, index) => Math.floor((index * rows) / count))
}
