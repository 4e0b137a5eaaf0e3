/** Rows as they were read, in columns that lie in memory that threads share. */
export interface ReadRows {
  readonly count: number
  /** Whole numbers of [0, 2^31), best without wide gaps. */
  readonly entities: Float64Array
  /** As long as `entities`; the first is the time. */
  readonly columns: readonly Float64Array[]
  /** By entity: how many rows there are of those before it; then how many there are of all. */
  readonly starts: Uint32Array
}

/** Rows of the entities [from, to), those of one entity together. */
export interface ArrangedRows {
  readonly count: number
  readonly entities: Int32Array
  readonly columns: readonly Float64Array[]
}

/** Counts the rows of each entity. */
export function rowsByEntity(entities: Float64Array, columns: readonly Float64Array[]): ReadRows {
  let largest = -1
  for (let row = 0; row < entities.length; row++) if (entities[row]! > largest) largest = entities[row]!
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (largest + 2)))
  for (let row = 0; row < entities.length; row++) starts[entities[row]! + 1]! += 1
  for (let entity = 0; entity <= largest; entity++) starts[entity + 1]! += starts[entity]!
  return { count: entities.length, entities, columns, starts }
}

/** How many rows there are of the entities below a bound. */
export function rowsBelow({ starts }: ReadRows, entity: number): number {
  return starts[Math.min(entity, starts.length - 1)]!
}

/**
 * Puts the rows of each entity together, in memory of the caller's own; within an entity they keep their order, and
 * `sortTimes` sorts them.
 *
 * A counting sort (Knuth, The Art of Computer Programming, volume 3, 5.2): each column is read once from its start to
 * its end, and written to as many places as there are entities.
 * @param from the first entity that is wanted
 * @param to the first after it that is not
 */
export function groupByEntity(rows: ReadRows, from: number, to: number): ArrangedRows {
  const first = rowsBelow(rows, from)
  const count = rowsBelow(rows, to) - first
  const wanted = rowsOf(rows, from, to, count)
  const next = rows.starts.slice(from, to)
  const places = new Uint32Array(count)
  const grouped = new Int32Array(count)
  for (let index = 0; index < count; index++) {
    const entity = rows.entities[wanted[index]!]!
    const place = next[entity - from]!++ - first
    places[index] = place
    grouped[place] = entity
  }
  // A column given twice, as a time that is also a cut, stays one.
  const moved = new Map<Float64Array, Float64Array>()
  for (const column of rows.columns) {
    if (moved.has(column)) continue
    const target = new Float64Array(count)
    for (let index = 0; index < count; index++) target[places[index]!] = column[wanted[index]!]!
    moved.set(column, target)
  }
  return { count, entities: grouped, columns: rows.columns.map((column) => moved.get(column)!) }
}

/** Which rows are of the entities [from, to), in the order in which they were read. */
function rowsOf({ entities }: ReadRows, from: number, to: number, count: number): Uint32Array {
  // One more, as every row is written down, and kept only by going on to the next place.
  const rows = new Uint32Array(count + 1)
  let found = 0
  for (let row = 0; row < entities.length; row++) {
    rows[found] = row
    found += entities[row]! >= from && entities[row]! < to ? 1 : 0
  }
  return rows
}

/** Sorts the rows of each entity by time; rows that tie keep their order. */
export function sortTimes({ count, entities, columns }: ArrangedRows): void {
  const others = [...new Set(columns)].slice(1)
  const sorter = new TimeSorter(columns[0]!, others)
  let start = 0
  for (let row = 1; row <= count; row++) {
    if (row < count && entities[row] === entities[start]) continue
    sorter.sort(start, row)
    start = row
  }
}

/** Rows that are put in order one by one before runs are merged. */
const RUN = 16

/**
 * A merge sort from the bottom up that merges only where two runs overlap: history comes nearly in order, and then
 * little is moved.
 */
class TimeSorter {
  readonly #times: Float64Array
  readonly #others: readonly Float64Array[]
  /** By place from the start of the entity: where the row stood. */
  #rows = new Uint32Array(0)
  #spareTimes = new Float64Array(0)
  #spareRows = new Uint32Array(0)
  #spare = new Float64Array(0)

  constructor(times: Float64Array, others: readonly Float64Array[]) {
    this.#times = times
    this.#others = others
  }

  sort(from: number, to: number): void {
    if (isAscending(this.#times, from, to)) return
    const count = to - from
    if (count > this.#rows.length) {
      this.#rows = new Uint32Array(2 * count)
      this.#spareTimes = new Float64Array(2 * count)
      this.#spareRows = new Uint32Array(2 * count)
      this.#spare = new Float64Array(2 * count)
    }
    const rows = this.#rows
    for (let place = 0; place < count; place += 1) rows[place] = place
    const times = this.#times.subarray(from, to)
    for (let start = 0; start < count; start += RUN) this.#insertEach(times, start, Math.min(start + RUN, count))
    for (let width = RUN; width < count; width *= 2)
      for (let start = 0; start + width < count; start += 2 * width)
        this.#merge(times, start, start + width, Math.min(start + 2 * width, count))
    const spare = this.#spare
    for (const column of this.#others) {
      for (let place = 0; place < count; place += 1) spare[place] = column[from + rows[place]!]!
      column.set(spare.subarray(0, count), from)
    }
  }

  #insertEach(times: Float64Array, from: number, to: number): void {
    const rows = this.#rows
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
  #merge(times: Float64Array, from: number, middle: number, to: number): void {
    if (times[middle - 1]! <= times[middle]!) return
    const rows = this.#rows
    // What lies before the second run's first row, or after the first run's last row, stays where it is.
    let place = firstAfter(times, times[middle]!, from, middle)
    const end = firstAtOrAfter(times, times[middle - 1]!, middle, to)
    const held = middle - place
    const [spareTimes, spareRows] = [this.#spareTimes, this.#spareRows]
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

function isAscending(times: Float64Array, from: number, to: number): boolean {
  for (let row = from + 1; row < to; row += 1) if (times[row]! < times[row - 1]!) return false
  return true
}
