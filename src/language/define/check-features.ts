import type { Schema } from '../../core/data-type.ts'
import { formatDuration } from '../../core/time.ts'
import { typeOfColumn } from '../expr/type-of.ts'
import { checkSameType } from './check-columns.ts'
import { checkName } from './check-name.ts'
import { checkQuality } from './check-quality.ts'
import type {
  EntityDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  ProjectDefinition,
  StreamDefinition,
} from './definitions.ts'
import { typeOfFeature } from './feature-type.ts'
import type { Mistakes } from './mistakes.ts'
import { checkWindow, longest } from './window.ts'

/** Checks a group of features against the stream and the entity that it names. */
export function checkFeatures(definition: FeaturesDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { entity, from, select, horizon, freshness, expect } = definition
  const entityKnown = mistakes.known('unknown_entity', 'entity', 'entity', entity, Object.keys(project.entities))
  const streamKnown = mistakes.known('unknown_stream', 'from', 'stream', from, Object.keys(project.streams))
  if (Object.keys(select).length === 0) mistakes.add('definition_invalid', 'select', 'It selects no feature.')
  for (const [name, { window }] of Object.entries(select)) {
    checkName(name, `select.${name}`, mistakes)
    checkWindow(window, `select.${name}`, mistakes)
  }
  const reach = longest(Object.values(select).map(({ window }) => window))
  if (horizon !== 'lifetime' && (reach === 'lifetime' || horizon < reach)) {
    const longestText = reach === 'lifetime' ? 'the whole lifetime' : formatDuration(reach)
    mistakes.add(
      'definition_invalid',
      'horizon',
      `${formatDuration(horizon)} is shorter than what the windows reach, ${longestText}.`,
    )
  }
  if (freshness !== undefined && freshness <= 0) mistakes.add('definition_invalid', 'freshness', 'It must be above 0.')
  const table = { schema: schemaOfFeatures(definition), refusesRows: false, streams: project.streams }
  checkQuality(expect, table, 'expect', mistakes)
  if (!streamKnown) return
  const stream = project.streams[from]!
  for (const [name, feature] of Object.entries(select)) checkFeature(feature, stream, `select.${name}`, mistakes)
  if (entityKnown) checkKeys(definition, project.entities[entity]!, stream, mistakes)
}

function checkFeature(feature: FeatureDefinition, stream: StreamDefinition, place: string, mistakes: Mistakes): void {
  const type = mistakes.attempt(place, () => typeOfFeature(feature, stream.schema))
  if (type !== undefined && (type.type !== feature.type || type.scale !== feature.scale))
    mistakes.add('type_mismatch', place, `Its value is of type ${type.type}, but it says ${feature.type}.`)
}

/** The features of a group as columns of a table. */
function schemaOfFeatures({ select }: FeaturesDefinition): Schema {
  return Object.fromEntries(
    Object.entries(select).map(([name, { type, scale }]) => [
      name,
      { type, nullable: true, ...(scale === undefined ? {} : { scale }) },
    ]),
  )
}

function checkKeys(
  { keys }: FeaturesDefinition,
  entity: EntityDefinition,
  { name, schema }: StreamDefinition,
  mistakes: Mistakes,
): void {
  for (const column of Object.keys(keys))
    mistakes.known('unknown_column', 'keys', `key column of entity '${entity.name}'`, column, Object.keys(entity.key))
  for (const [column, type] of Object.entries(entity.key)) {
    const carrier = mistakes.attempt(`keys.${column}`, () => typeOfColumn(keys[column] ?? column, schema))
    if (carrier === undefined) continue
    const words = `Key '${column}' of entity '${entity.name}' must equal '${keys[column] ?? column}' of stream '${name}'`
    checkSameType(type, carrier, words, `keys.${column}`, mistakes)
  }
}
