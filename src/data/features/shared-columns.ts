/** A column of values in memory that threads can share, all 0. */
export function sharedValues(rows: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * rows))
}

/** A column of statuses in memory that threads can share, all 0. */
export function sharedStatuses(rows: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(rows))
}
