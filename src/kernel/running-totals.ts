import { COUNTS, type MomentLevel, SUMS } from './exact-sum.ts'
import type { GroupPlan } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import { ROWS_AT_ONCE } from './rows-at-once.ts'

/** Totals of a lane before each row: what lies between two rows is a difference. At [row - origin]. */
export interface LaneTotals {
  readonly counts: Float64Array
  readonly sums: Float64Array
}

const SMALLEST_CAPACITY = 64

interface KeptLane {
  readonly lane: number
  readonly hasSums: boolean
}

/**
 * Running totals over the rows of an entity, for the lanes whose counts or sums are asked for. A difference of two
 * totals is the exact sum between them as long as all are whole numbers below 2^53, as delays and cents are: then
 * no window needs a state of its own. Where they are not, there are no totals, and the windows are summed one by one.
 */
export class RunningTotals {
  readonly #lanes: readonly KeptLane[]
  /** By lane of the plan: which of those kept it is; -1 for the others. */
  readonly #places: Int32Array
  #capacity = 0
  #length = 0
  #counts: Float64Array[] = []
  #sums: Float64Array[] = []
  /** By kept lane: whether its sums are differences. */
  readonly #isExact: boolean[]

  constructor({ lanes, moments }: GroupPlan) {
    const counted = moments.filter(({ level }) => level === COUNTS || level === SUMS)
    this.#lanes = [...new Set(counted.map(({ lane }) => lane))].map((lane) => ({
      lane,
      hasSums: counted.some((moment) => moment.lane === lane && moment.level === SUMS),
    }))
    this.#places = new Int32Array(lanes.length).fill(-1)
    for (const [place, { lane }] of this.#lanes.entries()) this.#places[lane] = place
    this.#isExact = this.#lanes.map(() => true)
    this.#grow(SMALLEST_CAPACITY)
  }

  /** Begins anew with rows [from, to). */
  fill({ data, capacity }: RowColumns, from: number, to: number): void {
    this.#length = to - from
    if (this.#length >= this.#capacity) this.#grow(2 * this.#length)
    for (const [place, { lane, hasSums }] of this.#lanes.entries()) {
      const base = (FIRST_LANE + lane) * capacity + from
      const counts = this.#counts[place] as Float64Array
      const sums = this.#sums[place] as Float64Array
      let isExact = true
      for (let row = 0; row < this.#length; row += ROWS_AT_ONCE) {
        const end = Math.min(row + ROWS_AT_ONCE, this.#length)
        if (hasSums) isExact = addRun(data, base, row, end, counts, sums) && isExact
        else countRun(data, base, row, end, counts)
      }
      this.#isExact[place] = isExact
    }
  }

  /** Takes note of a row that was put at a position; the rows begin at 0. */
  insert({ data, capacity }: RowColumns, position: number): void {
    if (this.#length + 1 >= this.#capacity) this.#grow(2 * this.#capacity)
    this.#length += 1
    for (const [place, { lane, hasSums }] of this.#lanes.entries()) {
      const value = data[(FIRST_LANE + lane) * capacity + position] as number
      const isNone = Number.isNaN(value)
      this.#insertInto(this.#counts[place] as Float64Array, position, isNone ? 0 : 1)
      if (!hasSums || !this.#isExact[place]) continue
      this.#insertInto(this.#sums[place] as Float64Array, position, isNone ? 0 : value)
      this.#isExact[place] = (isNone || Number.isSafeInteger(value)) && this.#isSafeFrom(place, position)
    }
  }

  /** Takes note of a row that is about to be taken away; it is still at its position. */
  remove({ data, capacity }: RowColumns, position: number): void {
    this.#length -= 1
    for (const [place, { lane, hasSums }] of this.#lanes.entries()) {
      const value = data[(FIRST_LANE + lane) * capacity + position] as number
      const isNone = Number.isNaN(value)
      this.#removeFrom(this.#counts[place] as Float64Array, position, isNone ? 0 : 1)
      if (!hasSums || !this.#isExact[place]) continue
      this.#removeFrom(this.#sums[place] as Float64Array, position, isNone ? 0 : value)
      this.#isExact[place] = this.#isSafeFrom(place, position)
    }
  }

  /** The totals of a lane; undefined where a state has to be kept instead. */
  of(lane: number, level: MomentLevel): LaneTotals | undefined {
    const place = this.#places[lane] as number
    if (place === -1 || (level !== COUNTS && !(level === SUMS && this.#isExact[place]))) return undefined
    return { counts: this.#counts[place] as Float64Array, sums: this.#sums[place] as Float64Array }
  }

  #insertInto(totals: Float64Array, position: number, value: number): void {
    for (let row = this.#length; row > position; row--) totals[row] = (totals[row - 1] as number) + value
  }

  #removeFrom(totals: Float64Array, position: number, value: number): void {
    for (let row = position + 1; row <= this.#length; row++) totals[row] = (totals[row + 1] as number) - value
  }

  /** Whether the totals that have just changed are still exact: those after `position`. */
  #isSafeFrom(place: number, position: number): boolean {
    const sums = this.#sums[place] as Float64Array
    for (let row = position + 1; row <= this.#length; row++) if (!Number.isSafeInteger(sums[row])) return false
    return true
  }

  #grow(capacity: number): void {
    const grown = (columns: readonly Float64Array[]) =>
      this.#lanes.map((_, place) => {
        const larger = new Float64Array(capacity + 1)
        const held = columns[place]
        if (held !== undefined) larger.set(held.subarray(0, capacity))
        return larger
      })
    this.#counts = grown(this.#counts)
    this.#sums = grown(this.#sums)
    this.#capacity = capacity
  }
}

/** Totals of the rows [from, to), behind those of the rows before them; tells whether all are sums without rounding. */
function addRun(
  data: Float64Array,
  base: number,
  from: number,
  to: number,
  counts: Float64Array,
  sums: Float64Array,
): boolean {
  let count = counts[from] as number
  let sum = sums[from] as number
  let isExact = true
  for (let row = from; row < to; row++) {
    const value = data[base + row] as number
    if (!Number.isNaN(value)) {
      count += 1
      sum += value
      // Two whole numbers below 2^53 whose sum rounds to a safe one were added without rounding.
      isExact &&= Number.isSafeInteger(value) && Number.isSafeInteger(sum)
    }
    counts[row + 1] = count
    sums[row + 1] = sum
  }
  return isExact
}

function countRun(data: Float64Array, base: number, from: number, to: number, counts: Float64Array): void {
  let count = counts[from] as number
  for (let row = from; row < to; row++) {
    count += Number.isNaN(data[base + row]) ? 0 : 1
    counts[row + 1] = count
  }
}
