/** Rows that a function goes over in one call: it is compiled as a whole then, and not within a loop that goes on. */
const ROWS_AT_ONCE = 1024

/** Rows that are put in order one by one before runs are merged. */
const RUN = 16

/** Where fewer than one row in so many comes before its time, merging alone moves less. */
const ROWS_OF_A_DESCENT = 16

/**
 * Sorts rows by time; those that tie keep their order. Rows go about to where they belong if times were spread evenly (Knuth,
 * The Art of Computer Programming, volume 3, 5.2.1: address calculation), and are merged from the bottom up where runs
 * still overlap: those of times in heaps, or all of them where history came nearly in order.
 */
export class TimeSorter {
  /** By place from the start of the entity: where the row stood. */
  #rows = new Uint32Array(0)
  /** By place: what it belongs to if times were spread evenly. */
  #addresses = new Uint32Array(0)
  #next = new Uint32Array(0)
  #spareRows = new Uint32Array(0)
  #spare = new Float64Array(0)

  /**
   * Sorts the rows [from, to).
   * @param columns the first is the time
   */
  sort(columns: readonly Float64Array[], from: number, to: number): void {
    const times = columns[0]!.subarray(from, to)
    const descents = countDescents(times)
    if (descents === 0) return
    const count = to - from
    if (count > this.#rows.length) this.#makeRoom(2 * count)
    if (descents * ROWS_OF_A_DESCENT < count) inRuns(count, (start, end) => numberRows(this.#rows, start, end))
    else this.#address(times)
    this.#merge(times)
    const [rows, spare] = [this.#rows, this.#spare]
    for (let index = 1; index < columns.length; index++) {
      const column = columns[index]!.subarray(from, to)
      inRuns(count, (start, end) => gather(column, rows, spare, start, end))
      column.set(spare.subarray(0, count))
    }
  }

  #makeRoom(count: number): void {
    this.#rows = new Uint32Array(count)
    this.#addresses = new Uint32Array(count)
    this.#next = new Uint32Array(count + 1)
    this.#spareRows = new Uint32Array(count)
    this.#spare = new Float64Array(count)
  }

  /** Puts rows about in order, by as many addresses as there are rows. */
  #address(times: Float64Array): void {
    const count = times.length
    const [rows, addresses, spare] = [this.#rows, this.#addresses, this.#spare]
    const next = this.#next.subarray(0, count + 1)
    next.fill(0)
    const bounds = boundsOf(times)
    const scale = (count - 1) / (bounds.largest - bounds.smallest)
    inRuns(count, (start, end) => findAddresses(times, bounds.smallest, scale, addresses, next, start, end))
    inRuns(count, (start, end) => addUp(next, start, end))
    inRuns(count, (start, end) => moveToAddresses(times, addresses, next, spare, rows, start, end))
    times.set(spare.subarray(0, count))
  }

  /** Sorts what is not in order yet. */
  #merge(times: Float64Array): void {
    const count = times.length
    const [rows, spare, spareRows] = [this.#rows, this.#spare, this.#spareRows]
    inRuns(count, (start, end) => {
      insertEach(times, rows, start, end)
      mergeWidths(times, rows, spare, spareRows, RUN, start, end)
    })
    mergeWidths(times, rows, spare, spareRows, ROWS_AT_ONCE, 0, count)
  }
}

/** Merges the rows [from, to), in which runs of a width are sorted, until they are one run. */
function mergeWidths(
  times: Float64Array,
  rows: Uint32Array,
  spareTimes: Float64Array,
  spareRows: Uint32Array,
  sorted: number,
  from: number,
  to: number,
): void {
  for (let width = sorted; from + width < to; width *= 2)
    for (let start = from; start + width < to; start += 2 * width)
      mergeRuns(times, rows, spareTimes, spareRows, start, start + width, Math.min(start + 2 * width, to))
}

function inRuns(count: number, visit: (from: number, to: number) => void): void {
  for (let from = 0; from < count; from += ROWS_AT_ONCE) visit(from, Math.min(from + ROWS_AT_ONCE, count))
}

/** How many times come before the one before them. */
function countDescents(times: Float64Array): number {
  let descents = 0
  inRuns(times.length - 1, (from, to) => {
    descents += descentsWithin(times, from, to)
  })
  return descents
}

function descentsWithin(times: Float64Array, from: number, to: number): number {
  let descents = 0
  for (let row = from; row < to; row++) descents += times[row + 1]! < times[row]! ? 1 : 0
  return descents
}

function boundsOf(times: Float64Array): { readonly smallest: number; readonly largest: number } {
  let smallest = Number.POSITIVE_INFINITY
  let largest = Number.NEGATIVE_INFINITY
  inRuns(times.length, (from, to) => {
    smallest = Math.min(smallest, smallestWithin(times, from, to))
    largest = Math.max(largest, largestWithin(times, from, to))
  })
  return { smallest, largest }
}

function smallestWithin(times: Float64Array, from: number, to: number): number {
  let smallest = times[from]!
  for (let row = from; row < to; row++) if (times[row]! < smallest) smallest = times[row]!
  return smallest
}

function largestWithin(times: Float64Array, from: number, to: number): number {
  let largest = times[from]!
  for (let row = from; row < to; row++) if (times[row]! > largest) largest = times[row]!
  return largest
}

function numberRows(rows: Uint32Array, from: number, to: number): void {
  for (let row = from; row < to; row++) rows[row] = row
}

/** Counts the rows of each address, one place after it. */
function findAddresses(
  times: Float64Array,
  smallest: number,
  scale: number,
  addresses: Uint32Array,
  counts: Uint32Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    const address = ((times[row]! - smallest) * scale) >>> 0
    addresses[row] = address
    counts[address + 1]! += 1
  }
}

function addUp(counts: Uint32Array, from: number, to: number): void {
  let sum = counts[from]!
  for (let place = from + 1; place <= to; place++) {
    sum += counts[place]!
    counts[place] = sum
  }
}

function moveToAddresses(
  times: Float64Array,
  addresses: Uint32Array,
  next: Uint32Array,
  moved: Float64Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    const address = addresses[row]!
    const place = next[address]!
    next[address] = place + 1
    moved[place] = times[row]!
    rows[place] = row
  }
}

function gather(column: Float64Array, rows: Uint32Array, into: Float64Array, from: number, to: number): void {
  for (let place = from; place < to; place++) into[place] = column[rows[place]!]!
}

/** Sorts each run of the rows [from, to). */
function insertEach(times: Float64Array, rows: Uint32Array, from: number, to: number): void {
  for (let start = from; start < to; start += RUN) insertRun(times, rows, start, Math.min(start + RUN, to))
}

function insertRun(times: Float64Array, rows: Uint32Array, from: number, to: number): void {
  for (let next = from + 1; next < to; next += 1) {
    const time = times[next]!
    if (times[next - 1]! <= time) continue
    const row = rows[next]!
    let place = next
    for (; place > from && times[place - 1]! > time; place -= 1) {
      times[place] = times[place - 1]!
      rows[place] = rows[place - 1]!
    }
    times[place] = time
    rows[place] = row
  }
}

/** Merges the sorted runs [from, middle) and [middle, to). */
function mergeRuns(
  times: Float64Array,
  rows: Uint32Array,
  spareTimes: Float64Array,
  spareRows: Uint32Array,
  from: number,
  middle: number,
  to: number,
): void {
  if (times[middle - 1]! <= times[middle]!) return
  // What lies before the second run's first row, or after the first run's last row, stays where it is.
  let place = firstAfter(times, times[middle]!, from, middle)
  const end = firstAtOrAfter(times, times[middle - 1]!, middle, to)
  const held = middle - place
  for (let index = 0; index < held; index += 1) {
    spareTimes[index] = times[place + index]!
    spareRows[index] = rows[place + index]!
  }
  let left = 0
  let right = middle
  while (left < held) {
    const takesRight = right < end && times[right]! < spareTimes[left]!
    times[place] = takesRight ? times[right]! : spareTimes[left]!
    rows[place] = takesRight ? rows[right]! : spareRows[left]!
    if (takesRight) right += 1
    else left += 1
    place += 1
  }
}

function firstAfter(times: Float64Array, time: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! > time) high = middle
    else low = middle + 1
  }
  return low
}

function firstAtOrAfter(times: Float64Array, time: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! >= time) high = middle
    else low = middle + 1
  }
  return low
}
