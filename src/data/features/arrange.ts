import { type ReadRows, ROWS_OF_A_PAGE, rowsWithin } from './row-buckets.ts'
import { TimeSorter } from './time-sorter.ts'

/** Rows of some entities, those of one entity together. */
export interface ArrangedRows {
  readonly count: number
  readonly entities: Int32Array
  readonly columns: readonly Float64Array[]
}

/** Puts the rows of buckets [from, to) in order, in memory of its own: they are there until it is called again. */
export type Arrange = (from: number, to: number) => ArrangedRows

/**
 * Arranges rows by entity and time.
 * @param isOrdered whether rows of one entity came in their order; else they are sorted by time, and those that tie keep
 *   the order in which they came
 */
export function createArrange(rows: ReadRows, isOrdered: boolean): Arrange {
  const { entitiesOfBucket, starts, pages } = rows
  // A column given twice, as a time that is also a cut, stays one.
  const different = [...new Set(rows.columns)]
  const firstPages = new Uint32Array(starts.length)
  for (let bucket = 1; bucket < starts.length; bucket++)
    firstPages[bucket] = firstPages[bucket - 1]! + Math.ceil(rowsWithin(rows, bucket - 1, bucket) / ROWS_OF_A_PAGE)
  const next = new Uint32Array(2 ** entitiesOfBucket)
  let room = 0
  let entities = new Int32Array(0)
  let places = new Uint32Array(0)
  let columns = different.map(() => new Float64Array(0))
  const sorter = new TimeSorter()

  function makeRoom(count: number): void {
    room = count
    entities = new Int32Array(room)
    places = new Uint32Array(entitiesOfBucket === 0 ? 0 : room)
    columns = different.map(() => new Float64Array(room))
  }

  /** Calls back for each page of a bucket: where its rows are, which of the bucket's rows they are, and how many. */
  function eachPage(bucket: number, visit: (from: number, row: number, count: number) => void): void {
    const count = rowsWithin(rows, bucket, bucket + 1)
    for (let row = 0, page = firstPages[bucket]!; row < count; row += ROWS_OF_A_PAGE, page += 1)
      visit(pages[page]!, row, Math.min(ROWS_OF_A_PAGE, count - row))
  }

  /** A bucket that is one entity. */
  function take(bucket: number, at: number): void {
    entities.fill(bucket, at, at + rowsWithin(rows, bucket, bucket + 1))
    for (const [index, column] of different.entries())
      eachPage(bucket, (from, row, count) => columns[index]!.set(column.subarray(from, from + count), at + row))
  }

  /** Counts the rows of each of the bucket's entities, and moves them to where these begin. */
  function group(bucket: number, at: number): void {
    const first = bucket * 2 ** entitiesOfBucket
    next.fill(0)
    eachPage(bucket, (from, _, count) => {
      for (let row = from; row < from + count; row++) next[rows.entities[row]! - first]! += 1
    })
    let start = at
    for (let entity = 0; entity < next.length; entity++) {
      const count = next[entity]!
      next[entity] = start
      start += count
    }
    eachPage(bucket, (from, row, count) => {
      for (let index = 0; index < count; index++) {
        const entity = rows.entities[from + index]!
        const place = next[entity - first]!++
        places[row + index] = place
        entities[place] = entity
      }
    })
    for (const [index, column] of different.entries()) {
      const target = columns[index]!
      eachPage(bucket, (from, row, count) => move(column, from, target, places, row, count))
    }
  }

  return (from, to) => {
    const below = starts[from]!
    const count = rowsWithin(rows, from, to)
    if (count > room) makeRoom(count)
    const arrange = entitiesOfBucket === 0 ? take : group
    for (let bucket = from; bucket < to; bucket++) arrange(bucket, starts[bucket]! - below)
    const arranged = { count, entities, columns }
    if (!isOrdered) sortEach(sorter, arranged)
    return { ...arranged, columns: rows.columns.map((column) => columns[different.indexOf(column)]!) }
  }
}

function move(
  column: Float64Array,
  from: number,
  target: Float64Array,
  places: Uint32Array,
  row: number,
  count: number,
): void {
  for (let index = 0; index < count; index++) target[places[row + index]!] = column[from + index]!
}

/** Sorts the rows of each entity. */
function sortEach(sorter: TimeSorter, { count, entities, columns }: ArrangedRows): void {
  let start = 0
  for (let row = 1; row <= count; row++) {
    if (row < count && entities[row] === entities[start]) continue
    sorter.sort(columns, start, row)
    start = row
  }
}
