import type { Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { noKey } from '../../data/features/entity-keys.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { freshnessOf } from '../../data/features/freshness.ts'
import type { VectorPlan } from '../../data/features/vector.ts'
import { createRowReader, type RowReader } from '../../data/quality/row-reader.ts'
import { statusNames } from '../../kernel/status.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { FeatureColumns, FeatureQuery, FeatureReading } from '../api/feature-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { groupsInForce } from './kept-definitions.ts'
import type { PastVectors } from './past-vectors.ts'
import { planOfGroup } from './plan-of-group.ts'
import { shownValue } from './predicting.ts'
import { typedKey } from './typed-key.ts'

/**
 * Features of many entities, now or at a time; the log answers what the live state no longer reaches.
 * @throws TruelineError `unknown_feature`; `invalid_request` for keys that do not fit the groups, the codes of row
 *   validation for a key at fault; `overloaded`
 */
export type Retrieve = (query: FeatureQuery) => Promise<FeatureColumns>

interface KnownGroup {
  readonly group: EngineGroup
  readonly plan: VectorPlan
  readonly reader: RowReader
  readonly keyColumns: readonly string[]
}

/** What is asked of a group: some of its features, for each of the keys. */
interface AskedGroup extends KnownGroup {
  readonly features: readonly number[]
}

/** Answers of a group, a row an entity: feature f of entity e is at [e * features + f]. */
interface GroupAnswers {
  readonly values: Float64Array
  readonly statuses: Uint8Array
}

export function createRetrieve(parts: Pick<Parts, 'engine' | 'clock' | 'project'>, past: PastVectors): Retrieve {
  const { engine, clock } = parts
  const { dictionary } = engine
  let known: ReadonlyMap<string, KnownGroup> = new Map()
  let knownOf: ProjectDefinition | undefined

  /** The groups in force: each name has one, also when older ones are kept for versions trained on them. */
  function knownGroups(): ReadonlyMap<string, KnownGroup> {
    const { project } = parts
    if (knownOf === project) return known
    const groups = groupsInForce(parts)
    known = new Map(groups.map((group) => [group.definition.name, knownGroup(group)]))
    knownOf = project
    return known
  }

  async function answer(
    { group, plan, reader, keyColumns }: KnownGroup,
    keys: FeatureQuery['keys'],
    entities: number,
    t: number,
  ): Promise<GroupAnswers> {
    const count = plan.inputs.length
    const values = new Float64Array(entities * count)
    const statuses = new Uint8Array(entities * count)
    const key: Value[] = []
    const late: { readonly at: number; readonly row: string }[] = []
    for (let entity = 0; entity < entities; entity += 1) {
      const row = Object.fromEntries(keyColumns.map((column) => [column, keys[column]![entity]]))
      const fault = reader.read(typedKey(row, group.entity.key), key)
      if (fault !== undefined)
        throw new TruelineError(fault.code, fault.reason, { path: `keys.${fault.path ?? keyColumns[0]}[${entity}]` })
      const at = entity * count
      const { text } = group.keyOf(key) ?? noKey
      if (!group.live.read(text, t, values, statuses, at)) late.push({ at, row: reader.text(key) })
    }
    for (const [index, { type }] of plan.inputs.entries()) {
      if (type !== 'string') continue
      for (let at = index; at < values.length; at += count)
        if (!Number.isNaN(values[at]!)) values[at] = dictionary.lastingCode(values[at]!)
    }
    if (late.length === 0) return { values, statuses }
    const asked = {
      length: late.length,
      rows: late.map(({ row }) => row),
      t: new Float64Array(late.length).fill(t),
      offsets: [new Float64Array(late.length).fill(group.live.position)],
    }
    const vectors = await past.read({ plan, project: parts.project, schema: group.entity.key }, asked, dictionary)
    for (const [place, { at }] of late.entries())
      for (let index = 0; index < count; index += 1) {
        values[at + index] = vectors.values[index]![place]!
        statuses[at + index] = vectors.statuses[index]![place]!
      }
    return { values, statuses }
  }

  return async ({ features, keys, at }) => {
    const asked = chosen(knownGroups(), features)
    const entities = countOf(keys, asked)
    const now = clock.now()
    const t = at ?? asked.reduce((latest, { group }) => Math.max(latest, group.knownAt + 1), now)
    const freshness = asked.map(({ group }) => freshnessOf(group, Math.min(t, now)))
    const answers = await Promise.all(asked.map((one) => answer(one, keys, entities, t)))
    return {
      t,
      freshness,
      features: asked.flatMap(({ group, plan, features: places }, index) =>
        places.map((place) => {
          const input = plan.inputs[place]!
          const { values, statuses } = answers[index]!
          const count = plan.inputs.length
          return {
            name: `${group.definition.name}.${input.name}`,
            values: Array.from({ length: entities }, (_, entity) => {
              const value = values[entity * count + place]!
              return Number.isNaN(value) ? null : shownValue(value, input, dictionary.textOf)
            }),
            statuses: Array.from({ length: entities }, (_, entity) => statusNames[statuses[entity * count + place]!]!),
          }
        }),
      ),
    }
  }
}

function knownGroup(group: EngineGroup): KnownGroup {
  const { definition, entity } = group
  const keyColumns = Object.keys(entity.key)
  return {
    group,
    plan: planOfGroup(definition, entity),
    reader: createRowReader(entity.key, { key: keyColumns }),
    keyColumns,
  }
}

/**
 * The features of a group for one entity, now or at a time (microseconds).
 * @throws TruelineError as `Retrieve` does
 */
export async function readVector(
  retrieve: Retrieve,
  group: string,
  key: Readonly<Record<string, unknown>>,
  at?: number,
): Promise<FeatureReading[]> {
  const keys = Object.fromEntries(Object.entries(key).map(([column, value]) => [column, [value]]))
  const { features } = await retrieve({ features: [group], keys, at })
  return features.map(({ name, values, statuses }) => ({
    name: name.slice(group.length + 1),
    value: values[0]!,
    status: statuses[0]!,
  }))
}

/** The groups of `group` and `group.feature` names, in the order in which they are first named. */
function chosen(known: ReadonlyMap<string, KnownGroup>, names: readonly string[]): AskedGroup[] {
  const places = new Map<string, Set<number>>()
  for (const name of names) {
    const [groupName, ...rest] = name.split('.') as [string, ...string[]]
    const found = known.get(groupName)
    if (found === undefined) throw unknownName('unknown_feature', 'group of features', groupName, [...known.keys()])
    const inputs = found.plan.inputs.map((input) => input.name)
    const of = places.get(groupName) ?? new Set()
    places.set(groupName, of)
    if (rest.length === 0) for (const place of inputs.keys()) of.add(place)
    else if (inputs.includes(rest.join('.'))) of.add(inputs.indexOf(rest.join('.')))
    else throw unknownName('unknown_feature', `feature of '${groupName}' named`, rest.join('.'), inputs)
  }
  return [...places].map(([name, of]) => ({ ...known.get(name)!, features: [...of] }))
}

/** How many entities are asked about. */
function countOf(keys: FeatureQuery['keys'], asked: readonly AskedGroup[]): number {
  const wanted = new Set(asked.flatMap(({ keyColumns }) => keyColumns))
  const columns = Object.entries(keys)
  const entities = columns[0]?.[1].length ?? 0
  for (const [column] of columns)
    if (!wanted.has(column)) throw unknownName('unknown_column', 'key column', column, [...wanted])
  for (const column of wanted)
    if (!Object.hasOwn(keys, column))
      throw new TruelineError('missing_key', `The keys lack the column '${column}'.`, { path: `keys.${column}` })
  for (const [column, values] of columns) {
    if (values.length !== entities)
      throw new TruelineError('invalid_request', `${column} has ${values.length} keys, other columns ${entities}.`, {
        path: `keys.${column}`,
      })
  }
  return entities
}
