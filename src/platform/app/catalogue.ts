import type { Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { createRowReader } from '../../data/quality/row-reader.ts'
import { describeFeature } from '../../language/define/logic.ts'
import type { FeatureGroupListing, FeatureReading } from '../api/platform.ts'
import type { Parts } from './assemble-platform.ts'
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
 * An entity's features now, or at a time (microseconds).
 * @throws TruelineError `unknown_feature`, the codes of row validation for a key at fault, `event_too_late` for a time
 *   that the online state does not reach
 */
export async function readVector(
  { engine, clock }: Pick<Parts, 'engine' | 'clock'>,
  name: string,
  key: Readonly<Record<string, unknown>>,
  at?: number,
): Promise<readonly FeatureReading[]> {
  const group = groupNamed(engine.groups(), name)
  const { entity, definition, live } = group
  const reader = createRowReader(entity.key, { key: Object.keys(entity.key) })
  const values: Value[] = []
  const fault = reader.read(key, values)
  if (fault !== undefined)
    throw new TruelineError(fault.code, fault.reason, fault.path === undefined ? {} : { path: fault.path })
  const count = Object.keys(definition.select).length
  const features = new Float64Array(count)
  const statuses = new Uint8Array(count)
  if (!live.read(group.keyOf(values) ?? '', at ?? clock.now(), features, statuses, 0))
    throw new TruelineError('event_too_late', 'The time lies further back than the online state reaches.', {
      path: 'at',
    })
  const inputs = Object.entries(definition.select).map(([feature, { type }]) => ({ name: feature, type }))
  return readingsOf(inputs, features, statuses).map((reading, index) => {
    const { type } = inputs[index]!
    return type === 'string' && typeof reading.value === 'number'
      ? { ...reading, value: engine.dictionary.decode(reading.value) }
      : reading
  })
}

function groupNamed(groups: readonly EngineGroup[], name: string): EngineGroup {
  const found = groups.find(({ definition }) => definition.name === name)
  if (found !== undefined) return found
  const near = nearestName(
    name,
    groups.map(({ definition }) => definition.name),
  )
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  throw new TruelineError('unknown_feature', `There is no group of features '${name}'.${hint}`, { path: name })
}
