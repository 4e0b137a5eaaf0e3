import { Buffer } from 'node:buffer'
import type { Value } from '../../src/core/data-type.ts'
import { createLiveGroup, type EntityEvent, type LiveGroup } from '../../src/kernel/live.ts'
import { planGroup } from '../../src/kernel/plan.ts'
import { replayGroup } from '../../src/kernel/replay.ts'
import { statusNames } from '../../src/kernel/status.ts'
import { supersededAt } from '../../src/kernel/supersession.ts'
import { aggregates } from '../../src/language/aggregate/registry.ts'
import { createDictionary, type Dictionary } from '../../src/language/expr/dictionary.ts'
import { typeOfExpression } from '../../src/language/expr/type-of.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import type { Answer, LawEvent } from './oracle.ts'

/** The kernel over one case: both of its drivers, asked in the oracle's terms. */
export interface Drivers {
  /** A new live group that seals rows as early as can be, and keeps memos of small entities. */
  live(): LiveDriver
  /**
   * Answers through replay.
   * @param events of the case; copies keep their `values`
   * @param visibleAt from when on a query sees the event, as its cut counts
   * @param hiddenAt from when on it no longer does; found in the events unless given
   */
  replay(
    events: readonly LawEvent[],
    queries: readonly LawQuery[],
    visibleAt: (event: LawEvent) => number,
    hiddenAt?: (event: LawEvent) => number,
  ): readonly (readonly Answer[])[]
}

export interface LiveDriver {
  readonly group: LiveGroup
  /** The highest revision of each id that was applied. */
  readonly highest: ReadonlyMap<string, LawEvent>
  apply(event: LawEvent, position?: number): void
  /** Undefined when the state cannot answer for a time so old. */
  read(entity: string, t: number): readonly Answer[] | undefined
  /** Goes on with a group that has only what was written down of this one. */
  restart(): void
  /** Takes in what was written down of another driver's group, which was given other ids. */
  merge(other: LiveDriver): void
}

export function driversOf(lawCase: LawCase): Drivers {
  const { stream, definition } = lawCase
  const dictionary = createDictionary()
  const plan = planGroup(definition, stream, dictionary)
  const columns = encodeEvents(lawCase, dictionary)
  const rowOf = new Map(lawCase.events.map(({ values }, row) => [values, row]))
  const decode = decoder(lawCase, dictionary)

  function entityEvent(event: LawEvent, position: number): EntityEvent {
    const { id, entity, eventTime, values } = event
    const row = rowOf.get(values) as number
    return { entity, event: { id, eventTime, sequence: sequenceOf(lawCase, event), position, columns, row } }
  }

  return {
    live() {
      const create = () => createLiveGroup(plan, { slack: 0, memoRows: lawCase.salt % 2 === 0 ? 2 : 16 })
      let group = create()
      const values = new Float64Array(plan.features.length)
      const statuses = new Uint8Array(plan.features.length)
      const highest = new Map<string, LawEvent>()
      const changes: (() => void)[] = []
      const counting = (event: LawEvent | undefined, position: number) =>
        event === undefined || event.tombstone ? undefined : entityEvent(event, position)
      /** What the revision means for the group: the row that counted goes, the one that counts now comes. */
      const changeOf = (event: LawEvent, position: number): (() => void) => {
        const known = highest.get(event.id)
        if (known !== undefined && known.revision > event.revision)
          return () => group.correct(position, undefined, undefined)
        highest.set(event.id, event)
        const [old, next] = [counting(known, position), counting(event, position)]
        if (old === undefined && next !== undefined) return () => group.apply(next.entity, next.event)
        return () => group.correct(position, old, next)
      }
      return {
        get group() {
          return group
        },
        highest,
        apply(event, position = event.position) {
          changes[position] ??= changeOf(event, position)
          changes[position]()
        },
        read(entity, t) {
          if (!group.read(entity, t, values, statuses, 0)) return undefined
          return plan.features.map((_, index) => decode(index, values[index] as number, statuses[index] as number))
        },
        restart() {
          const { state, chunks } = written(group)
          group = create()
          group.restore(state, chunks)
        },
        merge(other) {
          const { state, chunks } = written(other.group)
          group.merge(state, chunks)
          for (const [id, event] of other.highest) highest.set(id, event)
        },
      }
    },

    replay(events, queries, visibleAt, hiddenAt = hidingOf(events, visibleAt)) {
      const codes = new Map<string, number>()
      for (const rows of [events, queries])
        for (const { entity } of rows) if (!codes.has(entity)) codes.set(entity, codes.size)
      const code = ({ entity }: { entity: string }) => codes.get(entity) as number
      const shown = events.filter(({ tombstone }) => !tombstone)
      const sorted = shown.sort(
        (a, b) =>
          code(a) - code(b) ||
          a.eventTime - b.eventTime ||
          sequenceOf(lawCase, a) - sequenceOf(lawCase, b) ||
          Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
      )
      const places = sorted.map(({ values }) => rowOf.get(values) as number)
      const rows = queries.map((_, row) => row).sort((a, b) => code(queries[a]!) - code(queries[b]!))
      const output = {
        values: plan.features.map(() => new Float64Array(queries.length)),
        statuses: plan.features.map(() => new Uint8Array(queries.length)),
      }
      replayGroup(
        plan,
        {
          count: sorted.length,
          entities: Int32Array.from(sorted, code),
          times: numbersOf(sorted, ({ eventTime }) => eventTime),
          visibleAt: numbersOf(sorted, visibleAt),
          ...(hiddenAt === undefined ? {} : { hiddenAt: numbersOf(sorted, hiddenAt) }),
          columns: columns.map((column) => numbersOf(places, (place) => column[place]!)),
        },
        {
          count: queries.length,
          entities: Int32Array.from(rows, (row) => code(queries[row]!)),
          times: numbersOf(rows, (row) => queries[row]!.t),
          cuts: numbersOf(rows, (row) => queries[row]!.cut),
          rows: Uint32Array.from(rows),
        },
        output,
      )
      return queries.map((_, row) =>
        plan.features.map((_feature, index) =>
          decode(index, output.values[index]![row]!, output.statuses[index]![row]!),
        ),
      )
    },
  }
}

/** A group's state as it is written down. */
function written(group: LiveGroup) {
  const { state, chunks } = group.snapshot()
  return { state, chunks: [...chunks].flatMap((words) => (words === undefined ? [] : [words.slice()])) }
}

/** From when on a query no longer sees each row; undefined when no id has several. */
export function hidingOf(
  events: readonly LawEvent[],
  visibleAt: (event: LawEvent) => number,
): ((event: LawEvent) => number) | undefined {
  if (new Set(events.map(({ id }) => id)).size === events.length) return undefined
  const sorted = events.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.revision - b.revision))
  const hiddenAt = supersededAt(
    sorted.map(({ id }) => id),
    numbersOf(sorted, visibleAt),
  )
  const of = new Map(sorted.map((event, row) => [event, hiddenAt[row] as number]))
  return (event) => of.get(event) as number
}

function sequenceOf({ stream }: LawCase, event: LawEvent): number {
  return stream.sequence === undefined ? 0 : Number(event.values[stream.sequence] ?? 0)
}

function encodeEvents({ stream, events }: LawCase, dictionary: Dictionary): readonly Float64Array[] {
  const encode = (value: Value | undefined) =>
    typeof value === 'string' ? dictionary.encode(value) : Number(value ?? Number.NaN)
  return Object.keys(stream.schema).map((name) => numbersOf(events, ({ values }) => encode(values[name])))
}

/** As `Float64Array.from`, several times as fast. */
function numbersOf<Item>(items: readonly Item[], of: (item: Item) => number): Float64Array {
  const numbers = new Float64Array(items.length)
  for (let index = 0; index < items.length; index++) numbers[index] = of(items[index] as Item)
  return numbers
}

/** Kernel values back to what the oracle speaks of: texts and bools where the feature hands on a value. */
export function decoder({ stream, definition }: Pick<LawCase, 'stream' | 'definition'>, dictionary: Dictionary) {
  const types = Object.values(definition.select).map(({ aggregate, argument }) =>
    argument === undefined
      ? 'number'
      : aggregates[aggregate].resultType(typeOfExpression(argument, stream.schema).type),
  )
  return (feature: number, value: number, status: number): Answer => {
    const type = types[feature]
    const decoded =
      type === 'string' ? () => dictionary.decode(value) : type === 'bool' ? () => value === 1 : () => value
    return { status: statusNames[status]!, value: Number.isNaN(value) ? null : decoded() }
  }
}
