import type { LeakRows } from './leak-rows.ts'

/** Test rows that the training rows hold, too. */
export interface RepeatedRows {
  /** Test rows, and those of them whose inputs and outcome are also those of a training row. */
  readonly tested: number
  readonly repeated: number
  /** Of the repeated ones, those that also have the key of the training row; undefined where keys are not known. */
  readonly sameKey?: number
  /** Share of training rows whose inputs no other one has: where it is low, equal rows prove nothing. */
  readonly distinct: number
  readonly examples: readonly number[]
}

/** Counts test rows whose inputs and outcome, to the bit, are those of a training row. */
export function repeatedRows({ columns, labels, asked, train, test }: LeakRows, most: number): RepeatedRows {
  const hashes = hashRows([...columns, labels])
  const keyed = asked === undefined ? undefined : hashRows([...columns, labels, asked.keys])
  const known = hashes.slice(0, train).sort()
  const knownKeyed = keyed?.slice(0, train).sort()
  let repeated = 0
  let sameKey = 0
  const examples: number[] = []
  for (let row = test; row < labels.length; row += 1) {
    if (!has(known, hashes[row]!)) continue
    repeated += 1
    const isSame = keyed !== undefined && has(knownKeyed!, keyed[row]!)
    if (isSame) sameKey += 1
    if (examples.length < most && (isSame || keyed === undefined)) examples.push(row)
  }
  return {
    ...{ tested: labels.length - test, repeated, distinct: distinctShare(known), examples },
    ...(keyed === undefined ? {} : { sameKey }),
  }
}

/** A number in 53 bits for each row, by the bits of its values: equal rows have equal ones. */
function hashRows(columns: readonly Float64Array[]): Float64Array {
  const rows = columns[0]!.length
  const low = new Uint32Array(rows)
  const high = new Uint32Array(rows)
  const value = new Float64Array(1)
  const words = new Uint32Array(value.buffer)
  for (const [index, column] of columns.entries()) {
    for (let row = 0; row < rows; row += 1) {
      // Not a number has many bits, and 0 two.
      const given = column[row]!
      value[0] = Number.isNaN(given) ? -1.5e-300 - index : given + 0
      low[row] = mixed(low[row]! ^ words[0]!, 0x85ebca6b ^ index)
      high[row] = mixed(high[row]! ^ words[1]! ^ low[row]!, 0xc2b2ae35 ^ index)
    }
  }
  return Float64Array.from(low, (word, row) => (high[row]! & 0x1fffff) * 2 ** 32 + word)
}

/** The finalizer of MurmurHash3. */
function mixed(word: number, salt: number): number {
  let hash = word ^ salt
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function has(sorted: Float64Array, value: number): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return sorted[low] === value
}

function distinctShare(sorted: Float64Array): number {
  let single = 0
  for (let place = 0; place < sorted.length; place += 1)
    if (sorted[place] !== sorted[place - 1] && sorted[place] !== sorted[place + 1]) single += 1
  return sorted.length === 0 ? 0 : single / sorted.length
}
