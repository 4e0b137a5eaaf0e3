/**
 * Rows as they were read, in memory that threads share. A bucket is a range of entities; its rows fill pages of its own, in
 * the order in which they came.
 */
export interface ReadRows {
  readonly count: number
  /** By bucket: how many rows there are of those before it; then how many there are of all. */
  readonly starts: Uint32Array
  /** Where pages begin, of one bucket after another: rows of a page are there and after it. */
  readonly pages: Uint32Array
  /** By place. Where a bucket is one entity, its number is the entity's, and there is nothing here. */
  readonly entities: Int32Array
  /** By place; the first is the time. */
  readonly columns: readonly Float64Array[]
  readonly entitiesOfBucket: EntitiesOfBucket
}

/** As an exponent of two. */
export type EntitiesOfBucket = number

/** A page of numbers of eight bytes is one of the machine: what is never written takes no memory. */
export const ROWS_OF_A_PAGE = 512

/** More would be written to in more places at once than the processor's cache holds. */
const MOST_BUCKETS = 256
/** With fewer, most of a page would be empty. */
const ROWS_OF_A_BUCKET = 4 * ROWS_OF_A_PAGE

/**
 * How many entities a bucket takes.
 * @param entities numbered below or at it
 * @param rows there are of them
 */
export function entitiesOfBucket(entities: number, rows: number): EntitiesOfBucket {
  const most = Math.min(MOST_BUCKETS, Math.max(1, rows / ROWS_OF_A_BUCKET))
  let exponent = 0
  while (entities >>> exponent >= most && entities >>> exponent > 0) exponent += 1
  return exponent
}

/** How many rows there are in the buckets [from, to). */
export function rowsWithin({ starts }: ReadRows, from: number, to: number): number {
  return starts[to]! - starts[from]!
}

/** What rows are put into while they are read. */
export interface RowBuckets {
  /**
   * Adds rows.
   * @param entities their numbers
   * @param columns as many as the buckets have
   */
  add(entities: Float64Array, columns: readonly Float64Array[], count: number): void
  end(): ReadRows
}

/**
 * Takes rows apart by their entities as they come, the first pass of a sort by digits (Knuth, The Art of Computer
 * Programming, volume 3, 5.2.5): each row is written once, and the few places that are written to stay in the processor's
 * cache however many entities there are.
 * @param entities the largest number of an entity
 * @param columns how many there are of each row
 * @param expected about how many rows will come; more get more room
 */
export function createRowBuckets(
  entities: number,
  ofBucket: EntitiesOfBucket,
  columns: number,
  expected: number,
): RowBuckets {
  const buckets = (entities >>> ofBucket) + 1
  // Nothing that is not written to takes memory, so there may be room for as many pages begun as there are buckets.
  let pagesThere = Math.ceil((1.25 * expected) / ROWS_OF_A_PAGE) + buckets
  let ofEntities = sharedEntities(ofBucket === 0 ? 0 : pagesThere)
  let ofColumns = Array.from({ length: columns }, () => sharedColumn(pagesThere))
  /** Bucket of each page. */
  let owners = new Uint32Array(pagesThere)
  let pages = 0
  let count = 0
  /** By bucket: the place of its next row; at the beginning of a page, which another may have, it has none yet. */
  const next = new Uint32Array(buckets)
  let places = new Uint32Array(0)

  function takePage(bucket: number): number {
    if (pages === pagesThere) growPages()
    owners[pages] = bucket
    pages += 1
    return (pages - 1) * ROWS_OF_A_PAGE
  }

  function growPages(): void {
    pagesThere *= 2
    if (ofBucket > 0) ofEntities = copied(ofEntities, sharedEntities(pagesThere))
    ofColumns = ofColumns.map((column) => copied(column, sharedColumn(pagesThere)))
    owners = copied(owners, new Uint32Array(pagesThere))
  }

  return {
    add(entitiesAdded, columnsAdded, added) {
      if (added > places.length) places = new Uint32Array(added)
      for (let row = 0; row < added; row++) {
        const bucket = entitiesAdded[row]! >>> ofBucket
        let place = next[bucket]!
        if (place % ROWS_OF_A_PAGE === 0) place = takePage(bucket)
        next[bucket] = place + 1
        places[row] = place
      }
      if (ofBucket > 0) for (let row = 0; row < added; row++) ofEntities[places[row]!] = entitiesAdded[row]!
      for (let index = 0; index < columns; index++) scatter(columnsAdded[index]!, ofColumns[index]!, places, added)
      count += added
    },
    end() {
      const { firstPages, ordered } = byOwner(owners.subarray(0, pages), buckets)
      const starts = new Uint32Array(new SharedArrayBuffer(4 * (buckets + 1)))
      for (let bucket = 0; bucket < buckets; bucket++) {
        const full = firstPages[bucket + 1]! - firstPages[bucket]! - 1
        const rows = full === -1 ? 0 : full * ROWS_OF_A_PAGE + ((next[bucket]! - 1) % ROWS_OF_A_PAGE) + 1
        starts[bucket + 1] = starts[bucket]! + rows
      }
      const room = pages * ROWS_OF_A_PAGE
      const taken = ofColumns.map((column) => column.subarray(0, room))
      const held = { entities: ofEntities.subarray(0, room), columns: taken, entitiesOfBucket: ofBucket }
      return { count, starts, pages: ordered, ...held }
    },
  }
}

function scatter(values: Float64Array, into: Float64Array, places: Uint32Array, count: number): void {
  for (let row = 0; row < count; row++) into[places[row]!] = values[row]!
}

/** Where pages begin, by the bucket that they are of; within one in the order in which they were taken. */
function byOwner(owners: Uint32Array, buckets: number): { firstPages: Uint32Array; ordered: Uint32Array } {
  const firstPages = new Uint32Array(buckets + 1)
  for (const bucket of owners) firstPages[bucket + 1]! += 1
  for (let bucket = 0; bucket < buckets; bucket++) firstPages[bucket + 1]! += firstPages[bucket]!
  const ordered = new Uint32Array(new SharedArrayBuffer(4 * owners.length))
  const next = firstPages.slice()
  for (const [page, bucket] of owners.entries()) ordered[next[bucket]!++] = page * ROWS_OF_A_PAGE
  return { firstPages, ordered }
}

function sharedColumn(pages: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * pages * ROWS_OF_A_PAGE))
}

function sharedEntities(pages: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * pages * ROWS_OF_A_PAGE))
}

function copied<Numbers extends Float64Array | Int32Array | Uint32Array>(numbers: Numbers, into: Numbers): Numbers {
  into.set(numbers)
  return into
}
