import { Cursor } from './cursor.ts'
import { finishFeatures } from './finish.ts'
import { evaluateRows } from './lanes.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows, FIRST_LANE, type RowColumns } from './rows.ts'
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

/** When this many rows come into sight at once, the rows in sight are laid out anew rather than inserted one by one. */
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
  readonly #cursor: Cursor
  readonly #steps: Steps
  /** Query of each step. */
  readonly #asked: Uint32Array
  readonly #values: Float64Array
  readonly #statuses: Uint8Array
  readonly #lanes: Float64Array

  constructor(plan: GroupPlan, events: EventColumns, queries: QueryColumns, output: VectorColumns, all: RowColumns) {
    this.#plan = plan
    this.#events = events
    this.#queries = queries
    this.#output = output
    this.#all = all
    this.#cursor = new Cursor(plan)
    this.#steps = new Steps(plan, STEPS_AT_ONCE)
    this.#asked = new Uint32Array(STEPS_AT_ONCE)
    this.#values = new Float64Array(plan.features.length * STEPS_AT_ONCE)
    this.#statuses = new Uint8Array(plan.features.length * STEPS_AT_ONCE)
    this.#lanes = new Float64Array(plan.lanes.length)
  }

  /** Answers the queries of one entity: events [from, to) of it, queries [firstQuery, lastQuery). */
  run(from: number, to: number, firstQuery: number, lastQuery: number): void {
    const { visibleAt } = this.#events
    if (isAscending(visibleAt, from, to)) this.#runInOrder(from, to, firstQuery, lastQuery)
    else this.#runInSight(from, to, firstQuery, lastQuery)
  }

  /** Rows come into sight in the order of events: what a query sees begins with the first row and has no gaps. */
  #runInOrder(from: number, to: number, firstQuery: number, lastQuery: number): void {
    const { times, visibleAt } = this.#events
    const { times: queryTimes, cuts } = this.#queries
    this.#cursor.reset(from, undefined)
    let head = from
    for (const query of inOrder(queryTimes, firstQuery, lastQuery)) {
      const time = queryTimes[query] as number
      const cut = cuts[query] as number
      while (head < to && (times[head] as number) < time && (visibleAt[head] as number) < cut) head += 1
      while (head > from && !((times[head - 1] as number) < time && (visibleAt[head - 1] as number) < cut)) head -= 1
      this.#step(this.#all, query, head)
    }
    this.#answer(this.#all)
  }

  /** Some rows come into sight late: queries in the order of their cuts, each over the rows in sight by then. */
  #runInSight(from: number, to: number, firstQuery: number, lastQuery: number): void {
    const { visibleAt } = this.#events
    const { times: queryTimes, cuts } = this.#queries
    const arrivals = inOrder(visibleAt, from, to)
    const rows = new EntityRows(this.#plan)
    this.#cursor.reset(0, undefined)
    let arrived = 0
    let head = 0
    for (const query of inOrder(cuts, firstQuery, lastQuery)) {
      const before = arrived
      while (arrived < arrivals.length && (visibleAt[arrivals[arrived] as number] as number) < (cuts[query] as number))
        arrived += 1
      if (arrived > before) {
        this.#answer(rows)
        this.#arrive(rows, arrivals, before, arrived)
        head = this.#cursor.head
      }
      const time = queryTimes[query] as number
      while (head < rows.length && rows.time(head) < time) head += 1
      while (head > 0 && rows.time(head - 1) >= time) head -= 1
      this.#step(rows, query, head)
    }
    this.#answer(rows)
  }

  /** Puts arrivals [before, arrived) among the rows in sight. */
  #arrive(rows: EntityRows, arrivals: Uint32Array, before: number, arrived: number): void {
    if (arrived - before >= MANY_AT_ONCE) {
      rows.clear()
      this.#cursor.reset(0, undefined)
      for (const row of arrivals.slice(0, arrived).sort()) this.#put(rows, row)
      return
    }
    for (const row of arrivals.subarray(before, arrived)) {
      const position = this.#put(rows, row)
      if (position < this.#cursor.head) this.#cursor.insert(rows, position)
    }
  }

  /** The place of a row among all of its entity takes the part of sequence and id: it says the same. */
  #put(rows: EntityRows, row: number): number {
    const { data, capacity } = this.#all
    for (let lane = 0; lane < this.#lanes.length; lane++)
      this.#lanes[lane] = data[(FIRST_LANE + lane) * capacity + row] as number
    return rows.insert(this.#events.times[row] as number, row, '', this.#lanes)
  }

  #step(rows: RowColumns, query: number, head: number): void {
    const steps = this.#steps
    if (steps.count === STEPS_AT_ONCE) this.#answer(rows)
    this.#asked[steps.count] = query
    steps.times[steps.count] = this.#queries.times[query] as number
    steps.heads[steps.count] = head
    steps.count += 1
  }

  /** Takes the steps that are waiting, and hands their answers out. */
  #answer(rows: RowColumns): void {
    const steps = this.#steps
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
    const from = feature * STEPS_AT_ONCE
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
  if (isAscending(values, from, to)) return indexes
  return indexes.sort((left, right) => (values[left] as number) - (values[right] as number) || left - right)
}

function isAscending(values: Float64Array, from: number, to: number): boolean {
  for (let index = from + 1; index < to; index++)
    if ((values[index] as number) < (values[index - 1] as number)) return false
  return true
}
