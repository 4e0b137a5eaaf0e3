import type { Random } from '../../core/random.ts'

/** A standard normal number (Box and Muller 1958). */
export function randomNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
  return radius * Math.cos(2 * Math.PI * random.next())
}

/** A sample of normal numbers. */
export function randomNormals(random: Random, rows: number, mean = 0, deviation = 1): Float64Array {
  return Float64Array.from({ length: rows }, () => mean + deviation * randomNormal(random))
}

/** How many of `rows` rows fall into each bin, when the bins have these shares: a multinomial sample. */
export function randomCounts(random: Random, rows: number, shares: readonly number[]): Float64Array {
  const counts = new Float64Array(shares.length)
  let rest = rows
  let share = shares.reduce((sum, each) => sum + each, 0)
  shares.forEach((each, bin) => {
    counts[bin] = bin === shares.length - 1 ? rest : randomBinomial(random, rest, Math.min(1, each / share))
    rest -= counts[bin]!
    share -= each
  })
  return counts
}

/** How many of `rows` rows have a property of this share: exact for any size. */
function randomBinomial(random: Random, rows: number, share: number): number {
  if (share > 0.5) return rows - randomBinomial(random, rows, 1 - share)
  return rows * share < 10 ? bySearch(random, rows, share) : byRejection(random, rows, share)
}

function bySearch(random: Random, rows: number, share: number): number {
  let uniform = random.next()
  let mass = (1 - share) ** rows
  let count = 0
  while (uniform >= mass && count < rows) {
    uniform -= mass
    mass *= ((rows - count) / (count + 1)) * (share / (1 - share))
    count++
  }
  return count
}

/** Algorithm BTRS of Hörmann (1993). */
function byRejection(random: Random, rows: number, share: number): number {
  const deviation = Math.sqrt(rows * share * (1 - share))
  const width = 1.15 + 2.53 * deviation
  const slope = -0.0873 + 0.0248 * width + 0.01 * share
  const mode = Math.floor((rows + 1) * share)
  const atMode = logFactorial(mode) + logFactorial(rows - mode)
  for (;;) {
    const height = random.next()
    const across = random.next() - 0.5
    const edge = 0.5 - Math.abs(across)
    const count = Math.floor(((2 * slope) / edge + width) * across + rows * share + 0.5)
    if (edge >= 0.07 && height <= 0.92 - 4.2 / width) return count
    if (!(count >= 0 && count <= rows)) continue
    const bound = Math.log((height * (2.83 + 5.1 / width) * deviation) / (slope / edge ** 2 + width))
    const odds = (count - mode) * Math.log(share / (1 - share))
    if (bound <= atMode - logFactorial(count) - logFactorial(rows - count) + odds) return count
  }
}

function logFactorial(number: number): number {
  let shift = 0
  let from = number
  for (; from < 10; from++) shift += Math.log(from + 1) // Stirling's series needs a large argument
  const series = 1 / (12 * from) - 1 / (360 * from ** 3) + 1 / (1260 * from ** 5)
  return (from + 0.5) * Math.log(from) - from + Math.log(2 * Math.PI) / 2 + series - shift
}
