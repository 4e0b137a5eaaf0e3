import type { Schema, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import type { VectorPlan } from '../../data/features/vector.ts'
import { createRowReader } from '../../data/quality/row-reader.ts'
import type { EntityDefinition, FeaturesDefinition } from '../../language/define/definitions.ts'
import { describeFeature } from '../../language/define/logic.ts'
import type { FeatureGroupListing, FeatureReading } from '../api/platform.ts'
import type { Parts } from './assemble-platform.ts'
import type { PastVectors } from './past-vectors.ts'
import { readingsOf } from './predicting.ts'

/** The catalogue: every group of features with what it means and how much state it has. */
export function listFeatures({ engine }: Pick<Parts, 'engine'>): FeatureGroupListing[] {
  return engine.groups().map(({ digest, definition, live }) => {
    const { entities, bytes } = live.memory()
    return {
      name: definition.name,
      entity: definition.entity,
      from: definition.from,
      ...(definition.owner === undefined ? {} : { owner: definition.owner }),
      ...(definition.description === undefined ? {} : { description: definition.description }),
      digest,
      entities,
      bytes,
      features: Object.entries(definition.select).map(([name, feature]) => ({
        name,
        logic: describeFeature(feature),
        type: feature.type,
      })),
    }
  })
}

/**
 * An entity's features now, or at a time (microseconds); the log answers what the live state no longer reaches.
 * @throws TruelineError `unknown_feature`, the codes of row validation for a key at fault, `overloaded`
 */
export async function readVector(
  { engine, clock, project }: Pick<Parts, 'engine' | 'clock' | 'project'>,
  past: PastVectors,
  name: string,
  key: Readonly<Record<string, unknown>>,
  at?: number,
): Promise<readonly FeatureReading[]> {
  const group = groupNamed(engine.groups(), name)
  const { entity, definition, live } = group
  const reader = createRowReader(entity.key, { key: Object.keys(entity.key) })
  const values: Value[] = []
  const fault = reader.read(typed(key, entity.key), values)
  if (fault !== undefined)
    throw new TruelineError(fault.code, fault.reason, fault.path === undefined ? {} : { path: fault.path })
  const plan = planOfGroup(definition, entity)
  const { inputs } = plan
  const t = at ?? Math.max(clock.now(), group.knownAt + 1)
  const features = new Float64Array(inputs.length)
  const statuses = new Uint8Array(inputs.length)
  const { dictionary } = engine
  if (live.read(group.keyOf(values) ?? '', t, features, statuses, 0)) {
    for (const [index, { type }] of inputs.entries())
      if (type === 'string' && !Number.isNaN(features[index]!))
        features[index] = dictionary.lastingCode(features[index]!)
  } else {
    const asked = {
      length: 1,
      rows: [reader.text(values)],
      t: Float64Array.of(t),
      offsets: [Float64Array.of(live.position)],
    }
    const meaning = { plan, project, schema: entity.key }
    const vectors = await past.read(meaning, asked, dictionary)
    for (const [index, column] of vectors.values.entries()) features[index] = column[0]!
    for (const [index, column] of vectors.statuses.entries()) statuses[index] = column[0]!
  }
  return readingsOf(inputs, features, statuses, dictionary.textOf)
}

/** A key with the texts in it read as numbers and bools where the schema wants these: a command line has only texts. */
function typed(key: Readonly<Record<string, unknown>>, schema: Schema): Readonly<Record<string, unknown>> {
  const read = ([name, value]: [string, unknown]): [string, unknown] => {
    const type = Object.hasOwn(schema, name) ? schema[name]!.type : undefined
    if (typeof value !== 'string' || (type !== 'int' && type !== 'number' && type !== 'bool')) return [name, value]
    if (type === 'bool') return [name, value === 'true' ? true : value === 'false' ? false : value]
    return [name, value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)]
  }
  return Object.fromEntries(Object.entries(key).map(read))
}

/** All features of a group, for a row that is a key of its entity. */
export function planOfGroup(definition: FeaturesDefinition, entity: EntityDefinition): VectorPlan {
  const features = Object.keys(definition.select)
  return {
    inputs: features.map((name, index) => {
      const { type, scale } = definition.select[name]!
      const source = { kind: 'feature', group: 0, index } as const
      return { name, type, ...(scale === undefined ? {} : { scale }), source }
    }),
    columns: features.map((_, input) => ({ input })),
    operands: [],
    derived: [],
    tables: [],
    groups: [{ definition, rowColumns: Object.keys(entity.key), features }],
  }
}

function groupNamed(groups: readonly EngineGroup[], name: string): EngineGroup {
  const found = groups.find(({ definition }) => definition.name === name)
  if (found !== undefined) return found
  const names = groups.map(({ definition }) => definition.name)
  throw unknownName('unknown_feature', 'group of features', name, names)
}
