import type { DataType, Schema } from '../../core/data-type.ts'
import type { Duration } from '../../core/time.ts'
import { byName } from './by-name.ts'
import type { CheckDefinition } from './check-definition.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import { t } from './column-types.ts'
import type { ModelInput, Prose, TableDefinition } from './definitions.ts'
import type { Unencoded } from './encode.ts'
import { proseOf } from './entity.ts'
import { sameNames } from './features.ts'
import { withHidden } from './mentions.ts'
import type { ColumnsOf, Offers, Requires, RowOf } from './requirement.ts'
import { type Stream, stream } from './stream.ts'

/** A reference table with its columns known to the compiler: read by a row with the columns of its key. */
export interface Table<Columns extends Schema, Key extends keyof Columns & string>
  extends TableDefinition,
    Requires<RowOf<Pick<Columns, Key>>>,
    Offers<ValueOf<Columns, Key>> {
  /** Where its rows come in: what a source reads into. */
  readonly rows: Stream<Columns>
  /** Only these of its columns; those that are no numbers need an encoding. */
  pick: PickOf<Columns, Key, RowOf<Pick<Columns, Key>>>
  /**
   * For a row that carries the key in columns of other names.
   * @param keys column of the key -> column of the row that asks
   * @param name what the values are called in the model, so that one row can read two rows of the table; else the table's
   */
  on<const Keys extends Readonly<Record<Key, string>>>(
    keys: Keys,
    name?: string,
  ): MappedTable<Columns, Key, { readonly [Column in Key as Keys[Column]]: Columns[Column]['type'] }>
}

type TableInput = Extract<ModelInput, { kind: 'table' }>

type ValueOf<Columns extends Schema, Key extends string> = Exclude<keyof Columns & string, Key>

interface PickOf<Columns extends Schema, Key extends string, in Row> {
  <const Name extends Exclude<ColumnsOf<Columns, 'int' | 'number' | 'decimal' | 'bool'>, Key>>(
    ...columns: readonly Name[]
  ): TableInput & Requires<Row>
  <const Name extends ValueOf<Columns, Key>>(...columns: readonly Name[]): Unencoded & Requires<Row>
}

interface MappedTable<Columns extends Schema, Key extends keyof Columns & string, in Row>
  extends TableInput,
    Requires<Row>,
    Offers<ValueOf<Columns, Key>> {
  pick: PickOf<Columns, Key, Row>
}

interface TableOptions<Columns extends Schema, Key extends keyof Columns & string> extends Prose {
  /** The columns, those of the key among them. */
  readonly schema: Columns
  readonly key: Key | readonly Key[]
  /** Checks of its rows. */
  readonly quality?: readonly (CheckDefinition & Requires<NoInfer<RowOf<Columns>>>)[]
}

/** Since when a row is valid, and until when; a row without an end is valid until another one takes over. */
interface Validity<Columns extends Schema> {
  readonly validFrom: NoInfer<ColumnsOf<Columns, 'timestamp'>>
  readonly validTo?: NoInfer<ColumnsOf<Columns, 'timestamp'>>
  /** For imported history: when a row became known; by default when it became valid. */
  readonly knownAt?: { readonly column: NoInfer<ColumnsOf<Columns, 'timestamp'>> } | { readonly lag: Duration }
}

/** A table without history. */
interface Static {
  /** Its rows hold for all times: a training set sees today's, which may say what nobody knew then. */
  readonly static: true
}

const known: OptionsOf<TableOptions<Schema, string> & (Validity<Schema> | Static)> = {
  schema: true,
  key: true,
  quality: true,
  validFrom: true,
  validTo: true,
  knownAt: true,
  static: true,
  owner: true,
  description: true,
}

/** A row may be valid from long ago, or from far in the future, and may be corrected at any time. */
const WITHOUT_LIMIT = '36500d'

/**
 * A reference table: rows of a key, each valid for an interval of time. Its rows come in as the events of the stream of
 * its name, and are corrected and deleted as those are.
 * @example
 * table('airports', {
 *   key: 'airport',
 *   schema: { airport: t.string(), runways: t.int(), valid_from: t.timestamp() },
 *   validFrom: 'valid_from',
 * })
 */
export function table<const Columns extends Schema, const Key extends keyof Columns & string>(
  name: string,
  options: TableOptions<Columns, Key> & (Validity<Columns> | Static),
): Table<Columns, Key> {
  checkOptions(`table '${name}'`, options as never, known)
  const { schema } = options
  const key: readonly string[] = Array.isArray(options.key) ? options.key : [options.key]
  const isStatic = 'static' in options
  const { validFrom, validTo, knownAt }: Partial<Validity<Columns>> = isStatic ? {} : options
  const start = validFrom ?? VALID_FROM
  const rows = stream<Schema>(name, {
    schema: isStatic ? { ...schema, [VALID_FROM]: sinceEver } : schema,
    key,
    id: [...new Set([...key, start])],
    time: start as never,
    ...(knownAt === undefined ? {} : { knownAt: knownAt as never }),
    ahead: WITHOUT_LIMIT,
    corrections: { within: WITHOUT_LIMIT },
    ...(options.quality === undefined ? {} : { quality: options.quality as never }),
    ...proseOf(options),
  })
  const times = [start, validTo]
  const values = Object.entries<DataType>(schema).filter(([column]) => !key.includes(column) && !times.includes(column))
  const definition: TableDefinition = {
    kind: 'table',
    name,
    key,
    validFrom: start,
    ...(validTo === undefined ? {} : { validTo }),
    static: isStatic,
    select: byName(Object.fromEntries(values)),
    ...proseOf(options),
  }
  const input = (keys: Readonly<Record<string, string>>, more: object, methods: object = {}): TableInput =>
    withHidden({ kind: 'table' as const, name, keys, ...more }, [definition], methods)
  const own = sameNames(Object.fromEntries(key.map((column) => [column, schema[column]!])))
  const methods = {
    rows,
    pick: (...only: string[]) => input(own, { only }),
    on: (keys: Readonly<Record<string, string>>, as?: string) => {
      const called = as === undefined ? {} : { as }
      return input(byName(keys), called, { pick: (...only: string[]) => input(byName(keys), { ...called, only }) })
    },
  }
  return withHidden(definition, [rows], methods) as unknown as Table<Columns, Key>
}

/** Of a static table: the column that its rows need not have. */
const VALID_FROM = 'valid_from'
const sinceEver = { ...t.timestamp(), default: 0 }
