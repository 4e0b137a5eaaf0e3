import { countBelow, STRIDE } from './count-below.ts'
import { Cursor } from './cursor.ts'
import { finishFeatures } from './finish.ts'
import { evaluateRows } from './lanes.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows, FIRST_LANE, type RowColumns } from './rows.ts'
import { ROWS_AT_ONCE } from './rows-at-once.ts'
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
  /** Row of the output for each query; as queries come unless given. */
  readonly rows?: Uint32Array
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

/** Where answers go: `VectorColumns`, or only their values. */
export type AnswerColumns = Pick<VectorColumns, 'values'> & Partial<VectorColumns>

/** Answers queries over the events of whole entities; see `replayGroup`. */
export type Replay = (events: EventColumns, queries: QueryColumns, output: AnswerColumns) => void

/**
 * Answers queries over the events of whole entities. Call it with any split of the entities: memory is that of the
 * arrays given, and as much again for the plan's lanes.
 * @param output takes the value and status of each feature at each query's row
 */
export function replayGroup(plan: GroupPlan, events: EventColumns, queries: QueryColumns, output: AnswerColumns): void {
  createReplay(plan)(events, queries, output)
}

/** The same to be called many times: it keeps the memory that it works in. */
export function createReplay(plan: GroupPlan): Replay {
  const replay = new EntityReplay(plan)
  return (events, queries, output) => {
    replay.take(events, queries, output)
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
}

const none = new Float64Array(0)
const NO_EVENTS: EventColumns = { count: 0, entities: new Int32Array(0), times: none, visibleAt: none, columns: [] }
const NO_QUERIES: QueryColumns = { ...NO_EVENTS, cuts: none }

class EntityReplay {
  readonly #plan: GroupPlan
  #events = NO_EVENTS
  #queries = NO_QUERIES
  #output: AnswerColumns = { values: [] }
  #all: RowColumns = { data: none, capacity: 0 }
  readonly #totals: RunningTotals
  readonly #cursor: Cursor
  readonly #steps: Steps
  /** Query of each step. */
  readonly #asked: Uint32Array
  readonly #values: Float64Array
  readonly #statuses: Uint8Array
  readonly #lanes: Float64Array
  #order = new Uint32Array(0)
  /** Of one entity after another, where rows come into sight late or leave it. */
  #inSight: EntityRows | undefined
  /** The highest head of the steps that are waiting: rows at and after it can come and go meanwhile. */
  #waitingHead = 0

  constructor(plan: GroupPlan) {
    this.#plan = plan
    this.#totals = new RunningTotals(plan)
    this.#cursor = new Cursor(plan)
    const size = STEPS_AT_ONCE
    this.#steps = new Steps(plan, size)
    this.#asked = new Uint32Array(size)
    this.#values = new Float64Array(plan.features.length * size)
    this.#statuses = new Uint8Array(plan.features.length * size)
    this.#lanes = new Float64Array(plan.lanes.length)
  }

  /** Takes the columns that the next calls of `run` are about. */
  take(events: EventColumns, queries: QueryColumns, output: AnswerColumns): void {
    this.#events = events
    this.#queries = queries
    this.#output = output
    const { count } = events
    const length = count * (FIRST_LANE + this.#plan.lanes.length)
    const data = length > this.#all.data.length ? new Float64Array(length) : this.#all.data
    data.set(events.times.subarray(0, count))
    evaluateRows(this.#plan, events.columns, count, data, FIRST_LANE * count)
    this.#all = { data, capacity: count, totals: this.#totals }
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
    this.#cursor.reset(from, undefined)
    this.#totals.fill(this.#all, from, to)
    const steps = this.#steps
    const asked = inOrder(this.#queries.times, firstQuery, lastQuery, this.#roomFor(lastQuery - firstQuery))
    let head = from
    for (let next = 0; next < asked.length; next += steps.size) {
      steps.count = Math.min(steps.size, asked.length - next)
      this.#asked.set(asked.subarray(next, next + steps.count))
      head = findHeads(this.#events, this.#queries, this.#asked, steps, from, head, to)
      this.#answer(this.#all)
    }
  }

  /** Memory for the order of queries, those of the entity before in it. */
  #roomFor(queries: number): Uint32Array {
    if (queries > this.#order.length) this.#order = new Uint32Array(2 * queries)
    return this.#order.subarray(0, queries)
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
    const { rows: places } = this.#queries
    const statuses = this.#output.statuses === undefined ? undefined : this.#statuses
    finishFeatures(this.#plan, rows, steps, undefined, this.#values, statuses, 0)
    if (places !== undefined)
      for (let step = 0; step < steps.count; step++) this.#asked[step] = places[this.#asked[step] as number] as number
    const areInOrder = areConsecutive(this.#asked, steps.count)
    for (let feature = 0; feature < this.#plan.features.length; feature++) this.#handOut(feature, areInOrder)
    steps.count = 0
  }

  /** Feature by feature, so that memory is written to in the order of the rows. */
  #handOut(feature: number, areInOrder: boolean): void {
    const { count, size } = this.#steps
    const from = feature * size
    const values = this.#output.values[feature] as Float64Array
    const statuses = this.#output.statuses?.[feature]
    if (areInOrder) values.set(this.#values.subarray(from, from + count), this.#asked[0])
    else moveTo(values, this.#asked, this.#values, from, count)
    if (statuses !== undefined) moveTo(statuses, this.#asked, this.#statuses, from, count)
  }
}

function moveTo<Numbers extends Float64Array | Uint8Array>(
  output: Numbers,
  places: Uint32Array,
  given: Numbers,
  from: number,
  count: number,
): void {
  for (let step = 0; step < count; step++) output[places[step] as number] = given[from + step] as number
}

/** Whether each of the first numbers is one more than that before it. */
function areConsecutive(numbers: Uint32Array, count: number): boolean {
  for (let index = 1; index < count; index++)
    if ((numbers[index] as number) !== (numbers[index - 1] as number) + 1) return false
  return true
}

/**
 * Takes as steps the queries that are asked, in the order of their times: finds the first of the rows [from, to) that each
 * does not see, beginning at `start`. Gives the last.
 */
function findHeads(
  { times, visibleAt }: EventColumns,
  { times: queryTimes, cuts }: QueryColumns,
  asked: Uint32Array,
  steps: Steps,
  from: number,
  start: number,
  to: number,
): number {
  let head = start
  for (let step = 0; step < steps.count; step++) {
    const query = asked[step] as number
    const time = queryTimes[query] as number
    const cut = cuts[query] as number
    if (head + STRIDE <= to) head += Math.min(countBelow(times, head, time), countBelow(visibleAt, head, cut))
    while (head < to && (times[head] as number) < time && (visibleAt[head] as number) < cut) head += 1
    while (head > from && !((times[head - 1] as number) < time && (visibleAt[head - 1] as number) < cut)) head -= 1
    steps.times[step] = time
    steps.heads[step] = head
  }
  return head
}

/** Indexes [from, to) in ascending order of their values; equal ones keep their order. */
function inOrder(
  values: Float64Array,
  from: number,
  to: number,
  indexes: Uint32Array = new Uint32Array(to - from),
): Uint32Array {
  for (let index = from; index < to; index += ROWS_AT_ONCE)
    count(indexes, index - from, index, Math.min(ROWS_AT_ONCE, to - index))
  if (!isAscending(values, from, to)) sortIndexes(indexes, values)
  return indexes
}

/** Writes whole numbers from `first` on. */
function count(into: Uint32Array, at: number, first: number, numbers: number): void {
  for (let index = 0; index < numbers; index++) into[at + index] = first + index
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
  for (let index = from + 1; index < to; index += ROWS_AT_ONCE)
    if (!isRunAscending(values, index, Math.min(index + ROWS_AT_ONCE, to))) return false
  return true
}

/** Whether none of [from, to) is below the one before it. */
function isRunAscending(values: Float64Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++)
    if ((values[index] as number) < (values[index - 1] as number)) return false
  return true
}
