/**
 * The name that the writer of a misspelt one most likely meant, or undefined when none is near.
 * @example nearestName('dealy_min', ['delay_min', 'origin']) // 'delay_min'
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.ceil(name.length / 3))
  let nearest: string | undefined
  let smallest = limit + 1
  for (const candidate of names) {
    const distance = distanceBetween(name.toLowerCase(), candidate.toLowerCase(), limit)
    if (distance < smallest) {
      smallest = distance
      nearest = candidate
    }
  }
  return nearest
}

/** A name that is a part of the other one is as near as the limit allows. */
function distanceBetween(a: string, b: string, limit: number): number {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a]
  const part = shorter.length >= 3 && longer.includes(shorter) ? limit : Number.POSITIVE_INFINITY
  return longer.length - shorter.length > limit ? part : Math.min(part, editDistance(a, b))
}

/**
 * Fewest insertions, deletions, replacements and exchanges of neighbours between two texts: the optimal string alignment
 * distance (Damerau 1964, Levenshtein 1966), by Wagner and Fischer's table.
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const exchanged =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforePrevious[j - 2] as number) + 1 : replaced
      row.push(Math.min(replaced, exchanged, (previous[j] as number) + 1, (row[j - 1] as number) + 1))
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length] as number
}
