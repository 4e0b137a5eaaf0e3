import type { Schema } from '../../core/data-type.ts'
import { DAY, type Duration, MINUTE, parseDuration } from '../../core/time.ts'
import { byName } from './by-name.ts'
import type { CheckDefinition } from './check-definition.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { ModelInput, Prose, StreamDefinition } from './definitions.ts'
import type { Unencoded } from './encode.ts'
import { isObject, mustBe } from './given.ts'
import { withHidden } from './mentions.ts'
import type { ColumnsOf, Requires, RowOf } from './requirement.ts'

const DEFAULT_AHEAD = 5 * MINUTE
const DEFAULT_CORRECTIONS = 7 * DAY

/** A stream with its columns known to the compiler. */
export interface Stream<Columns extends Schema> extends StreamDefinition {
  readonly schema: Columns
  /** Columns of the row that asks for a prediction, as inputs of a model; those that are no numbers need an encoding. */
  pick<const Name extends ColumnsOf<Columns, 'int' | 'number' | 'decimal' | 'bool'>>(
    ...columns: readonly Name[]
  ): PickInput & Requires<{ readonly [Column in Name]: Columns[Column]['type'] }>
  pick<const Name extends keyof Columns & string>(
    ...columns: readonly Name[]
  ): Unencoded & Requires<{ readonly [Column in Name]: Columns[Column]['type'] }>
}

type PickInput = Extract<ModelInput, { kind: 'pick' }>

interface StreamOptions<Columns extends Schema> extends Prose {
  readonly schema: Columns
  /** Columns by which events are routed; events with the same key are kept in one sequence. */
  readonly key: Names<Columns>
  /** Column of the event time. */
  readonly time: NoInfer<ColumnsOf<Columns, 'timestamp'>>
  /** Columns that identify an event; by default the key and the time together. */
  readonly id?: Names<Columns>
  /** Column that orders events of one entity at the same time. */
  readonly sequence?: NoInfer<ColumnsOf<Columns, 'int'>>
  /** For imported history: when a row became known; by default at its event time. */
  readonly knownAt?: { readonly column: NoInfer<ColumnsOf<Columns, 'timestamp'>> } | { readonly lag: Duration }
  /** How far in the future an event time may lie; 5m unless given. */
  readonly ahead?: Duration
  /** How long after its event time an event may still come; 7d unless given. */
  readonly corrections?: { readonly within: Duration }
  /** What must hold of the rows beyond the schema: each row at ingest where it is critical, and each batch. */
  readonly quality?: readonly (CheckDefinition & Requires<NoInfer<RowOf<Columns>>>)[]
  /** Largest share of a batch's rows that may be refused, 0 to 1, before the batch fails; .05 unless given. */
  readonly rejectBudget?: number
}

const known: OptionsOf<StreamOptions<Schema>> = {
  schema: true,
  key: true,
  time: true,
  id: true,
  sequence: true,
  knownAt: true,
  ahead: true,
  corrections: true,
  quality: true,
  rejectBudget: true,
  owner: true,
  description: true,
}

type Names<Columns extends Schema> = NoInfer<(keyof Columns & string) | readonly (keyof Columns & string)[]>

/**
 * A kind of event: what its rows look like and when they count.
 * @example stream('arrivals', { key: 'flight', time: 'arrived_at', schema: { flight: t.string(), arrived_at: t.timestamp() } })
 */
export function stream<const Columns extends Schema>(name: string, options: StreamOptions<Columns>): Stream<Columns> {
  checkOptions<StreamOptions<Schema>>(`stream '${name}'`, options as never, known)
  const { schema, key, time, id, sequence, knownAt = { lag: '0s' }, ahead, corrections, owner, description } = options
  const place = `stream '${name}'`
  mustBe(
    isObject(schema),
    `${place}, schema`,
    schema,
    'Give a type to each column: { order: t.string(), at: t.timestamp() }.',
  )
  const named = list<unknown>(key).every((column) => typeof column === 'string')
  mustBe(named, `${place}, key`, key, "Name the column, or a list of columns: key: 'order'.")
  mustBe(typeof time === 'string', `${place}, time`, time, "Name the column of the event time: time: 'ordered_at'.")
  const keys = list<string>(key)
  if (corrections !== undefined) checkOptions(`stream '${name}', corrections`, corrections, { within: true })
  const definition: StreamDefinition & { readonly schema: Columns } = {
    kind: 'stream',
    name,
    schema: byName(schema),
    key: keys,
    id: id === undefined ? [...new Set([...keys, time])] : list<string>(id),
    time,
    ...(sequence === undefined ? {} : { sequence }),
    knownAt:
      'column' in knownAt ? { column: knownAt.column } : { lag: parseDuration(knownAt.lag, `${place}, knownAt.lag`) },
    ahead: ahead === undefined ? DEFAULT_AHEAD : parseDuration(ahead, `${place}, ahead`),
    corrections: {
      within:
        corrections === undefined
          ? DEFAULT_CORRECTIONS
          : parseDuration(corrections.within, `${place}, corrections.within`),
    },
    ...(options.quality === undefined ? {} : { quality: options.quality }),
    ...(options.rejectBudget === undefined ? {} : { rejectBudget: options.rejectBudget }),
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description }),
  }
  const pick = (...columns: string[]): PickInput => {
    const example = `Name columns one after the other: ${name}.pick('items', 'amount').`
    for (const column of columns) mustBe(typeof column === 'string', `${name}.pick`, column, example)
    return withHidden({ kind: 'pick', columns } as const, [definition], {})
  }
  return withHidden(definition, options.quality ?? [], { pick }) as Stream<Columns>
}

function list<Item>(one: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(one) ? (one as readonly Item[]) : [one as Item]
}
