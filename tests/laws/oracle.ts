import { Buffer } from 'node:buffer'
import type { Value } from '../../src/core/data-type.ts'
import type { FeaturesDefinition, StreamDefinition } from '../../src/language/define/definitions.ts'
import { meanings } from './oracle-aggregates.ts'
import { evaluate } from './oracle-expressions.ts'
import { beginOf, endOf, rowsIn } from './oracle-windows.ts'

/**
 * What every feature value is, said as plainly as possible: all rows are looked at for every answer, and arithmetic is
 * exact. The laws hold the kernel to it. It shares no code with the kernel or with the evaluation of expressions.
 */

/** An accepted row: one revision of an event, at `position` in the log, known from `knownAt` on. */
export interface LawEvent {
  readonly id: string
  readonly revision: number
  /** Deletes the event; what else the row says is of no account. */
  readonly tombstone: boolean
  readonly entity: string
  readonly eventTime: number
  readonly knownAt: number
  readonly position: number
  readonly values: Readonly<Record<string, Value>>
}

/** One feature's value with its status. */
export interface Answer {
  readonly status: 'unknown_key' | 'empty' | 'null' | 'value'
  readonly value: Value
}

/** The vector of an entity at time t, from the rows that are known to the query. */
export function oracle(
  definition: FeaturesDefinition,
  stream: StreamDefinition,
  known: readonly LawEvent[],
  entity: string,
  t: number,
): readonly Answer[] {
  const past = counted(known)
    .filter((event) => event.entity === entity && event.eventTime < t)
    .sort(order(stream))
  const horizon = definition.horizon === 'lifetime' ? -Infinity : t - definition.horizon
  const isKnown = past.some((event) => event.eventTime >= horizon)
  return Object.values(definition.select).map((feature) => {
    const { window, where } = feature
    const all = rowsIn(window, past, t)
    const rows = all.filter((event) => where === undefined || evaluate(where, event.values) === true)
    const from = () => beginOf(window, all, t)
    const value = meanings[feature.aggregate]({ feature, stream, rows, t: endOf(window, t), from })
    if (rows.length > 0) return { status: value === null ? 'null' : 'value', value }
    return { status: isKnown ? 'empty' : 'unknown_key', value }
  })
}

/** The row of each id that counts: its highest revision among those known, unless that deletes it. */
export function counted(known: readonly LawEvent[]): LawEvent[] {
  const highest = new Map<string, LawEvent>()
  for (const event of known) if (event.revision >= (highest.get(event.id)?.revision ?? 0)) highest.set(event.id, event)
  return [...highest.values()].filter(({ tombstone }) => !tombstone)
}

function order(stream: StreamDefinition) {
  const sequence = (event: LawEvent) => (stream.sequence === undefined ? 0 : Number(event.values[stream.sequence] ?? 0))
  return (a: LawEvent, b: LawEvent) =>
    a.eventTime - b.eventTime || sequence(a) - sequence(b) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
}
