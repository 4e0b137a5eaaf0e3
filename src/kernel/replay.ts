import { countBelow, STRIDE } from './count-below.ts'
import { Cursor } from './cursor.ts'
import { finishFeatures } from './finish.ts'
import { evaluateRows } from './lanes.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows, FIRST_LANE, type RowColumns } from './rows.ts'
import { RunningTotals } from './running-totals.ts'
import { sortIndexes } from './sort-indexes.ts'
import { Steps } from './steps.ts'

/**
 * Events in columns, sorted by entity and, within an entity, by event time, sequence (or 0) and id as UTF-8 bytes.
 * Arrays may be longer than `count`.
 */
export interface EventColumns {
  readonly count: number
  readonly entities: Int32Array
  /** Event times, in microseconds. */
  readonly times: Float64Array
  /** A query sees the rows whose `visibleAt` is below its cut: `known_at + serving_lag`, or a position in the log. */
  readonly visibleAt: Float64Array
  /**
   * A query sees a row no more once its cut is above this: when a higher revision of its id came into sight; Infinity
   * where none did (`supersededAt`). Absent when no row was ever superseded.
   */
  readonly hiddenAt?: Float64Array
  /** Encoded columns of the stream, in the order of its schema. */
  readonly columns: readonly Float64Array[]
}

/** Queries in columns, sorted by entity; within an entity in any order, fastest by time. */
export interface QueryColumns {
  readonly count: number
  readonly entities: Int32Array
  /** t: rows with an event time before it are seen, when their `visibleAt` is below the cut. */
  readonly times: Float64Array
  /** The time t itself for history; a position + 1 for a recorded cut. */
  readonly cuts: Float64Array
  /** Row of the output for each query. */
  readonly rows: Uint32Array
}

/** Answers in columns, one array per feature in the order of the definition's `select`. */
export interface VectorColumns {
  readonly values: readonly Float64Array[]
  readonly statuses: readonly Uint8Array[]
}

/** With fewer changes at once, rows in sight are never laid out anew: they come and go one by one. */
const MANY_AT_ONCE = 64

/** Few enough that what the states hold after each step stays in the processor's cache. */
const STEPS_AT_ONCE = 256

/**
 * Answers queries over the events of whole entities. Call it with any split of the entities: memory is that of the
 * arrays given, and as much again for the plan's lanes.
 * @param output takes the value and status of each feature at each query's row
 */
export function replayGroup(plan: GroupPlan, events: EventColumns, queries: QueryColumns, output: VectorColumns): void {
  const lanes = new Float64Array(events.count * (FIRST_LANE + plan.lanes.length))
  lanes.set(events.times.subarray(0, events.count))
  evaluateRows(plan, events.columns, events.count, lanes, FIRST_LANE * events.count)
  const replay = new EntityReplay(plan, events, queries, output, { data: lanes, capacity: events.count })
  let event = 0
  let query = 0
  while (query < queries.count) {
    const entity = queries.entities[query] as number
    while (event < events.count && (events.entities[event] as number) < entity) event += 1
    const firstEvent = event
    while (event < events.count && events.entities[event] === entity) event += 1
    const firstQuery = query
    while (query < queries.count && queries.entities[query] === entity) query += 1
    replay.run(firstEvent, event, firstQuery, query)
  }
}

class EntityReplay {
  readonly #plan: GroupPlan
  readonly #events: EventColumns
  readonly #queries: QueryColumns
  readonly #output: VectorColumns
  readonly #all: RowColumns
  readonly #totals: RunningTotals
  readonly #cursor: Cursor
  readonly #steps: Steps
  /** Query of each step. */
  readonly #asked: Uint32Array
  readonly #values: Float64Array
  readonly #statuses: Uint8Array
  readonly #lanes: Float64Array
  /** Of one entity after another, where rows come into sight late or leave it. */
  #inSight: EntityRows | undefined
  /** The highest head of the steps that are waiting: rows at and after it can come and go meanwhile. */
  #waitingHead = 0

  constructor(plan: GroupPlan, events: EventColumns, queries: QueryColumns, output: VectorColumns, all: RowColumns) {
    this.#plan = plan
    this.#events = events
    this.#queries = queries
    this.#output = output
    this.#totals = new RunningTotals(plan)
    this.#all = { ...all, totals: this.#totals }
    this.#cursor = new Cursor(plan)
    const size = Math.min(STEPS_AT_ONCE, queries.count)
    this.#steps = new Steps(plan, size)
    this.#asked = new Uint32Array(size)
    this.#values = new Float64Array(plan.features.length * size)
    this.#statuses = new Uint8Array(plan.features.length * size)
    this.#lanes = new Float64Array(plan.lanes.length)
  }

  /** Answers the queries of one entity: events [from, to) of it, queries [firstQuery, lastQuery). */
  run(from: number, to: number, firstQuery: number, lastQuery: number): void {
    const { visibleAt, hiddenAt } = this.#events
    const isInOrder = isAscending(visibleAt, from, to) && (hiddenAt === undefined || isNeverHidden(hiddenAt, from, to))
    if (isInOrder) this.#runInOrder(from, to, firstQuery, lastQuery)
    else this.#runInSight(from, to, firstQuery, lastQuery)
  }

  /** Rows come into sight in the order of events: what a query sees begins with the first row and has no gaps. */
  #runInOrder(from: number, to: number, firstQuery: number, lastQuery: number): void {
    const { times, visibleAt } = this.#events
    const { times: queryTimes, cuts } = this.#queries
    this.#cursor.reset(from, undefined)
    this.#totals.fill(this.#all, from, to)
    let head = from
    const asked = inOrder(queryTimes, firstQuery, lastQuery)
    for (let next = 0; next < asked.length; next++) {
      const query = asked[next] as number
      const time = queryTimes[query] as number
      const cut = cuts[query] as number
      if (head + STRIDE <= to) head += Math.min(countBelow(times, head, time), countBelow(visibleAt, head, cut))
      while (head < to && (times[head] as number) < time && (visibleAt[head] as number) < cut) head += 1
      while (head > from && !((times[head - 1] as number) < time && (visibleAt[head - 1] as number) < cut)) head -= 1
      this.#step(this.#all, query, head)
    }
    this.#answer(this.#all)
  }

  /** Some rows come into sight late or leave it: queries in the order of their cuts, each over the rows in sight by then. */
  #runInSight(from: number, to: number, firstQuery: number, lastQuery: number): void {
    const { visibleAt, hiddenAt } = this.#events
    const { times: queryTimes, cuts } = this.#queries
    const arrivals = inOrder(visibleAt, from, to)
    const departures = hiddenAt === undefined ? arrivals.subarray(0, 0) : hiddenInOrder(hiddenAt, from, to)
    const rows = this.#noRows(to - from)
    this.#cursor.reset(0, undefined)
    this.#totals.fill(rows, 0, 0)
    let arrived = 0
    let departed = 0
    let before = Number.NEGATIVE_INFINITY
    let head = 0
    for (const query of inOrder(cuts, firstQuery, lastQuery)) {
      const cut = cuts[query] as number
      const arriving = arrived
      const departing = departed
      arrived = firstFrom(visibleAt, arrivals, arrived, cut)
      if (hiddenAt !== undefined) departed = firstFrom(hiddenAt, departures, departed, cut)
      if (arrived - arriving + departed - departing > 0) {
        const changes = arrived - arriving + departed - departing
        const isMany = changes >= MANY_AT_ONCE
        if (
          isMany &&
          this.#isWorthLayingOut(rows, arrivals.subarray(arriving, arrived), departures.subarray(departing, departed))
        )
          this.#layOut(rows, from, to, cut)
        else {
          for (let next = arriving; next < arrived; next++) {
            const row = arrivals[next] as number
            if (!this.#isHidden(row, cut)) this.#arrive(rows, row)
          }
          for (let next = departing; next < departed; next++) {
            const row = departures[next] as number
            // Of those that leave, only the ones that had come into sight before.
            if ((visibleAt[row] as number) < before) this.#depart(rows, row)
          }
        }
        if (head > rows.length) head = rows.length
      }
      before = cut
      const time = queryTimes[query] as number
      while (head < rows.length && rows.time(head) < time) head += 1
      while (head > 0 && rows.time(head - 1) >= time) head -= 1
      this.#step(rows, query, head)
    }
    this.#answer(rows)
  }

  /** Rows to be filled, with room for as many; those of the entity before are gone. */
  #noRows(count: number): EntityRows {
    if (this.#inSight === undefined || this.#inSight.capacity < count)
      this.#inSight = new EntityRows(this.#plan, count, { hasSequence: true, hasIds: false, totals: this.#totals })
    this.#inSight.clear()
    return this.#inSight
  }

  #isHidden(row: number, cut: number): boolean {
    const { hiddenAt } = this.#events
    return hiddenAt !== undefined && (hiddenAt[row] as number) < cut
  }

  /** Whether changes would move more rows one by one than there are. */
  #isWorthLayingOut(rows: EntityRows, coming: Uint32Array, going: Uint32Array): boolean {
    const count = coming.length + going.length
    let moved = count * count
    for (const changed of [coming, going])
      for (const row of changed) moved += rows.length - rows.countBefore(this.#events.times[row] as number)
    return moved > rows.length
  }

  /** Begins anew with all rows that a query with a cut sees. */
  #layOut(rows: EntityRows, from: number, to: number, cut: number): void {
    this.#answer(rows)
    rows.clear()
    this.#cursor.reset(0, undefined)
    for (let row = from; row < to; row++) {
      if (!((this.#events.visibleAt[row] as number) < cut) || this.#isHidden(row, cut)) continue
      this.#readLanes(row)
      rows.insert(this.#events.times[row] as number, row, '', this.#lanes)
    }
    this.#totals.fill(rows, 0, rows.length)
  }

  #arrive(rows: EntityRows, row: number): void {
    const time = this.#events.times[row] as number
    // The place of a row among all of its entity takes the part of sequence and id: it says the same.
    const position = rows.placeFor(time, row, '')
    if (position < this.#waitingHead) this.#answer(rows)
    this.#readLanes(row)
    rows.insertAt(position, time, row, '', this.#lanes)
    this.#totals.insert(rows, position)
    if (position < this.#cursor.head) this.#cursor.insert(rows, position)
  }

  #depart(rows: EntityRows, row: number): void {
    this.#readLanes(row)
    const position = rows.find(this.#events.times[row] as number, row, '', this.#lanes)
    if (position < this.#waitingHead) this.#answer(rows)
    if (position < this.#cursor.head) this.#cursor.remove(rows, position)
    this.#totals.remove(rows, position)
    rows.remove(position)
  }

  #readLanes(row: number): void {
    const { data, capacity } = this.#all
    for (let lane = 0; lane < this.#lanes.length; lane++)
      this.#lanes[lane] = data[(FIRST_LANE + lane) * capacity + row] as number
  }

  #step(rows: RowColumns, query: number, head: number): void {
    const steps = this.#steps
    if (steps.count === steps.size) this.#answer(rows)
    if (head > this.#waitingHead) this.#waitingHead = head
    this.#asked[steps.count] = query
    steps.times[steps.count] = this.#queries.times[query] as number
    steps.heads[steps.count] = head
    steps.count += 1
  }

  /** Takes the steps that are waiting, and hands their answers out. */
  #answer(rows: RowColumns): void {
    const steps = this.#steps
    this.#waitingHead = 0
    if (steps.count === 0) return
    this.#cursor.take(rows, steps)
    finishFeatures(this.#plan, rows, steps, undefined, this.#values, this.#statuses, 0)
    for (let step = 0; step < steps.count; step++)
      this.#asked[step] = this.#queries.rows[this.#asked[step] as number] as number
    for (let feature = 0; feature < this.#plan.features.length; feature++) this.#handOut(feature)
    steps.count = 0
  }

  /** Feature by feature, so that memory is written to in the order of the rows. */
  #handOut(feature: number): void {
    const values = this.#output.values[feature] as Float64Array
    const statuses = this.#output.statuses[feature] as Uint8Array
    const from = feature * this.#steps.size
    for (let step = 0; step < this.#steps.count; step++) {
      const row = this.#asked[step] as number
      values[row] = this.#values[from + step] as number
      statuses[row] = this.#statuses[from + step] as number
    }
  }
}

/** Indexes [from, to) in ascending order of their values; equal ones keep their order. */
function inOrder(values: Float64Array, from: number, to: number): Uint32Array {
  const indexes = new Uint32Array(to - from)
  for (let index = from; index < to; index++) indexes[index - from] = index
  sortIndexes(indexes, values)
  return indexes
}

/** Indexes of the rows of [from, to) that are ever hidden, in the order in which they are. */
function hiddenInOrder(hiddenAt: Float64Array, from: number, to: number): Uint32Array {
  const indexes: number[] = []
  for (let index = from; index < to; index++) if (hiddenAt[index] !== Number.POSITIVE_INFINITY) indexes.push(index)
  const hidden = Uint32Array.from(indexes)
  sortIndexes(hidden, hiddenAt)
  return hidden
}

/** The first place at or after `at` in ascending `indexes` whose value is not below `cut`. */
function firstFrom(values: Float64Array, indexes: Uint32Array, at: number, cut: number): number {
  let place = at
  while (place < indexes.length && (values[indexes[place] as number] as number) < cut) place += 1
  return place
}

function isNeverHidden(hiddenAt: Float64Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (hiddenAt[index] !== Number.POSITIVE_INFINITY) return false
  return true
}

function isAscending(values: Float64Array, from: number, to: number): boolean {
  for (let index = from + 1; index < to; index++)
    if ((values[index] as number) < (values[index - 1] as number)) return false
  return true
}
