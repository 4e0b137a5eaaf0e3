/**
 * A step of a cursor over an entity's rows, as every family of states is told of it. Windows end at the head, the first
 * row that is not seen; window w begins at its tail. Positions are indexes of rows.
 */
export interface Step {
  /** Rows as columns of one array: see `RowColumns`. */
  data: Float64Array
  capacity: number
  /** Where the entity's rows begin. */
  origin: number
  tails: Int32Array
  head: number
  nextTails: Int32Array
  nextHead: number
}

/** Whether it is cheaper to begin anew with [nextTail, nextHead) than to move there from [tail, head). */
export function isFresh(tail: number, head: number, nextTail: number, nextHead: number): boolean {
  if (tail === nextTail) return false
  return Math.abs(nextTail - tail) + Math.abs(nextHead - head) > nextHead - nextTail
}
