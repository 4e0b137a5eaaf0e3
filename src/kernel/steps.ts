import type { WindowStatistics } from '../language/aggregate/aggregate.ts'
import type { GroupPlan } from './plan.ts'

/** Where a cursor stands in an entity's rows. Positions are indexes of rows. */
export interface Place {
  /** Where the entity's rows begin. */
  origin: number
  /** By end: the first row that is not seen there. The first end is the reader's own. */
  readonly heads: Int32Array
  /** Where each window begins. */
  readonly tails: Int32Array
}

/**
 * A run of steps that a cursor takes, and what each state held after each: one step for a live read, many for a replay,
 * so that each state goes through all of them at once. What is said of state s after step i is at [s * size + i].
 */
export class Steps {
  readonly size: number
  /** How many steps there are; given with `times` and `heads`, the rest is found. */
  count = 0
  /** t of each step, in microseconds. */
  readonly times: Float64Array
  /**
   * By end: position of the first row that the step does not see there. Given for the first end, where all rows before it
   * have event times before t.
   */
  readonly heads: Int32Array
  /** By window. */
  readonly tails: Int32Array
  /** By moment state. */
  readonly counts: Float64Array
  readonly sums: Float64Array
  readonly spreads: Float64Array
  /** By state: the value, NaN where there is none. */
  readonly firsts: Float64Array
  /** By state: the position of the last row before its end that has a value, or one before the origin. */
  readonly lasts: Int32Array
  /** By state and window, at [(state * windows + window) * size + step]: the value, NaN where there is none. */
  readonly extremes: Float64Array
  /** By state: how many different values there are. */
  readonly distincts: Float64Array
  /** By slot: what a feature reads of a collection. */
  readonly answers: Float64Array
  /** How many rows a window holds, while its features are finished. */
  readonly found: Float64Array
  /** Of one window after one step, while its features are finished. */
  readonly statistics: WindowStatistics

  constructor(plan: GroupPlan, size: number) {
    this.size = size
    this.times = new Float64Array(size)
    this.heads = new Int32Array(plan.delays.length * size)
    this.tails = new Int32Array(plan.windows.length * size)
    this.counts = new Float64Array(plan.moments.length * size)
    this.sums = new Float64Array(plan.moments.length * size)
    this.spreads = new Float64Array(plan.moments.length * size)
    this.firsts = new Float64Array(plan.firsts.length * size)
    this.lasts = new Int32Array(plan.lasts.length * size)
    this.extremes = new Float64Array(plan.extremes.length * plan.windows.length * size)
    this.distincts = new Float64Array(plan.distincts.length * size)
    this.answers = new Float64Array(plan.collections.reduce((total, { answers }) => total + answers.length, 0) * size)
    this.found = new Float64Array(size)
    this.statistics = emptyStatistics()
  }
}

/** NaN where a number can be a fraction keeps the field a double from the start. */
function emptyStatistics(): WindowStatistics {
  const { NaN: none } = Number
  return {
    time: none,
    rows: 0,
    values: 0,
    sum: none,
    spread: none,
    smallest: none,
    largest: none,
    first: none,
    last: none,
    lastTime: none,
    distinct: 0,
    begin: none,
  }
}

/** Whether it is cheaper to begin anew with [nextTail, nextHead) than to move there from [tail, head). */
export function isFresh(tail: number, head: number, nextTail: number, nextHead: number): boolean {
  if (tail === nextTail) return false
  return Math.abs(nextTail - tail) + Math.abs(nextHead - head) > nextHead - nextTail
}
