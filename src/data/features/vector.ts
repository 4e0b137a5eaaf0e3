import { canonicalJson } from '../../core/canonical.ts'
import type { DataTypeName } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type {
  FeatureDefinition,
  FeaturesDefinition,
  ModelDefinition,
  ProjectDefinition,
  TableDefinition,
} from '../../language/define/definitions.ts'
import type { EncodingDefinition } from '../../language/define/encoding-definition.ts'
import {
  expressionOfRead,
  readNamed,
  readsHistory,
  readsOfInput,
  typeOfRead,
  type ValueRead,
} from '../../language/define/reads.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import type { Expression } from '../../language/expr/expression.ts'

/** Which of a model's inputs count: all, or only those that need no history. */
export type Variant = 'full' | 'without_windows'

/** One number of a model's input vector and where it comes from. */
export interface VectorInput {
  /** `group.feature` for windowed, request and derived features, the column's name for picked columns. */
  readonly name: string
  readonly type: DataTypeName
  /** Of a decimal: the number is in whole units of it. */
  readonly scale?: number
  readonly source: VectorSource
}

type VectorSource =
  | { readonly kind: 'feature'; readonly group: number; readonly index: number }
  | { readonly kind: 'table'; readonly table: number; readonly column: string }
  | { readonly kind: 'row'; readonly expression: Expression }
  /** Over other values of the same row: what the expression calls them, and their places among inputs and operands. */
  | {
      readonly kind: 'derived'
      readonly expression: Expression
      readonly reads: readonly { readonly column: string; readonly at: number }[]
    }

/** A feature group that a vector reads, and which columns of the asking row carry its entity's key. */
export interface VectorGroup {
  readonly definition: FeaturesDefinition
  /** Columns of the asking row, in the order of the entity's key. */
  readonly rowColumns: readonly string[]
  /** Names of the group's features, in the order in which the kernel writes them. */
  readonly features: readonly string[]
}

/** A reference table that a vector reads, and which columns of the asking row carry its key. */
export interface VectorTable {
  readonly definition: TableDefinition
  /** Columns of the asking row, in the order of the table's key. */
  readonly rowColumns: readonly string[]
}

/** What a scorer takes of a vector: an input as it is, or encoded, which may make several columns of it. */
export interface VectorColumn {
  /** Place among the inputs. */
  readonly input: number
  readonly encoding?: EncodingDefinition
}

/** How a model's input vector is put together: the same plan serves training and serving. */
export interface VectorPlan {
  /** The vector: what is served, logged and audited. A text is its code that is the same everywhere. */
  readonly inputs: readonly VectorInput[]
  /** What the model learns from, in order. */
  readonly columns: readonly VectorColumn[]
  /** Values that only derived features read: computed with the inputs, after them, and no part of the vector. */
  readonly operands: readonly VectorInput[]
  /** Places of derived values among inputs and operands, each after those that it reads. */
  readonly derived: readonly number[]
  readonly groups: readonly VectorGroup[]
  readonly tables: readonly VectorTable[]
}

/** A sequence of events whose position is recorded with each vector: of each group of a plan, and then of each table. */
export interface VectorSequence {
  readonly name: string
  readonly stream: string
}

/** The sequences that a plan reads, in the order in which positions are recorded. */
export function sequencesOf({ groups, tables }: Pick<VectorPlan, 'groups' | 'tables'>): readonly VectorSequence[] {
  return [
    ...groups.map(({ definition: { name, from } }) => ({ name, stream: from })),
    ...tables.map(({ definition: { name } }) => ({ name, stream: name })),
  ]
}

/**
 * The vector of a model in the order that its definition gives.
 * @throws TruelineError `not_numeric_feature` for an input that is a text and not encoded, unless a program makes what it likes of it
 */
export function planVector(model: ModelDefinition, project: ProjectDefinition, variant: Variant = 'full'): VectorPlan {
  const values = createValues(project, model)
  const taken: TakenValue[] = []
  const columns: VectorColumn[] = []
  for (const given of model.features) {
    const encoding = given.kind === 'encoded' ? { encoding: given.encoding } : {}
    for (const { name, read } of readsOfInput(given.kind === 'encoded' ? given.input : given, project)) {
      if (variant !== 'full' && readsHistory(read, project)) continue
      const known = taken.findIndex((one) => one.name === name)
      const input = known !== -1 ? known : taken.push({ name, place: values.add(name, read) }) - 1
      columns.push({ input, ...encoding })
    }
  }
  const plan = { ...values.plan(taken), columns }
  for (const { input, encoding } of columns) {
    const { name, type } = plan.inputs[input]!
    if (type !== 'string' || encoding !== undefined || model.trainer.kind === 'command') continue
    throw new TruelineError('not_numeric_feature', `Input '${name}' of model '${model.name}' is a string.`, {
      path: `${model.name}.${name}`,
    })
  }
  return plan
}

/** All values that a plan computes. */
export function valuesOf({ inputs, operands }: VectorPlan): readonly VectorInput[] {
  return [...inputs, ...operands]
}

/** A value that the model takes, by the name that it has there. */
interface TakenValue {
  readonly name: string
  readonly place: number
}

/** The columns of a table that some values take, each once. */
export function tableColumns(values: readonly VectorInput[], table: number): readonly string[] {
  const columns = values.flatMap(({ source }) =>
    source.kind === 'table' && source.table === table ? [source.column] : [],
  )
  return [...new Set(columns)]
}

/** Collects values, each once, with what they are made from. */
function createValues(project: ProjectDefinition, { at }: ModelDefinition) {
  const row = project.streams[at]!.schema
  const values: VectorInput[] = []
  const derived: number[] = []
  const groups: VectorGroup[] = []
  const tables: VectorTable[] = []
  const places = new Map<string, number>()

  function add(name: string, read: ValueRead): number {
    const source = sourceOf(read)
    const identity = canonicalJson(source)
    const known = places.get(identity)
    if (known !== undefined) return known
    const place = values.push({ name, ...numberOf(typeOfRead(read, project, row)), source }) - 1
    places.set(identity, place)
    if (source.kind === 'derived') derived.push(place)
    return place
  }

  function sourceOf(read: ValueRead): VectorSource {
    if (read.kind === 'row') return { kind: 'row', expression: { kind: 'column', name: read.column } }
    if (read.kind === 'features') {
      const group = groupOf(project.features[read.name]!, read.keys)
      return { kind: 'feature', group, index: groups[group]!.features.indexOf(read.feature) }
    }
    if (read.kind === 'table') {
      const definition = project.tables[read.name]!
      const rowColumns = definition.key.map((column) => read.keys[column] ?? column)
      return { kind: 'table', table: placeOf(tables, { definition, rowColumns }), column: read.feature }
    }
    const expression = expressionOfRead(read, project)
    if (read.kind === 'request') return { kind: 'row', expression }
    const definition = project.derived[read.name]!
    const reads = columnsOf(expression).map((column) => ({ column, at: add(column, readNamed(column, definition)) }))
    return { kind: 'derived', expression, reads }
  }

  function groupOf(definition: FeaturesDefinition, keys: Readonly<Record<string, string>>): number {
    const key = Object.keys(project.entities[definition.entity]!.key)
    const rowColumns = key.map((column) => keys[column] ?? column)
    return placeOf(groups, { definition, rowColumns, features: Object.keys(definition.select) })
  }

  return {
    add,
    /** The plan of a vector of these values in their order; the others are operands. */
    plan(taken: readonly TakenValue[]): Omit<VectorPlan, 'columns'> {
      const others = values.flatMap((_, place) => (taken.some((one) => one.place === place) ? [] : [place]))
      const order = [...taken.map(({ place }) => place), ...others]
      const moved = order.map((place, index) => {
        const { source, ...value } = values[place]!
        const name = taken[index]?.name ?? value.name
        if (source.kind !== 'derived') return { ...value, name, source }
        const reads = source.reads.map(({ column, at }) => ({ column, at: order.indexOf(at) }))
        return { ...value, name, source: { ...source, reads } }
      })
      return {
        inputs: moved.slice(0, taken.length),
        operands: moved.slice(taken.length),
        // A value that is taken by two names is computed for each.
        derived: derived.flatMap((place) => order.flatMap((one, index) => (one === place ? [index] : []))),
        groups,
        tables,
      }
    },
  }
}

/** The place of what is read by these columns, added where it is not there yet. */
function placeOf<Keyed extends VectorGroup | VectorTable>(read: Keyed[], one: Keyed): number {
  const { definition, rowColumns } = one
  const known = read.findIndex(
    (other) =>
      other.definition.name === definition.name && canonicalJson(other.rowColumns) === canonicalJson(rowColumns),
  )
  return known !== -1 ? known : read.push(one) - 1
}

function numberOf({ type, scale }: Pick<FeatureDefinition, 'type' | 'scale'>): Pick<VectorInput, 'type' | 'scale'> {
  return scale === undefined ? { type } : { type, scale }
}

/** Columns of the asking row that a plan reads, each once: those that carry keys, and those that values are made from. */
export function columnsAsked(plan: VectorPlan): readonly string[] {
  const read = valuesOf(plan).flatMap(({ source }) => (source.kind === 'row' ? columnsOf(source.expression) : []))
  return [...new Set([...read, ...[...plan.groups, ...plan.tables].flatMap(({ rowColumns }) => rowColumns)])]
}
