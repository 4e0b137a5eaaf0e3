import { formatDuration } from '../../core/time.ts'
import { typeOfColumn } from '../expr/type-of.ts'
import { checkSameType } from './check-columns.ts'
import { checkName } from './check-name.ts'
import type {
  EntityDefinition,
  ExpectationDefinition,
  FeatureDefinition,
  FeaturesDefinition,
  ProjectDefinition,
  StreamDefinition,
  Window,
} from './definitions.ts'
import { typeOfFeature } from './feature-type.ts'
import { longest } from './features.ts'
import type { Mistakes } from './mistakes.ts'

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
  for (const expectation of expect) checkExpectation(expectation, select, mistakes)
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

function checkWindow(window: Window, place: string, mistakes: Mistakes): void {
  if (window.kind === 'lifetime') return
  if (window.length <= 0) mistakes.add('definition_invalid', place, 'A window must be longer than 0.')
  if (window.kind === 'exact') return
  if (window.hop <= 0) mistakes.add('definition_invalid', place, 'A hop must be longer than 0.')
  else if (window.length % window.hop !== 0) {
    const text = `The hop of ${formatDuration(window.hop)} does not divide the window of ${formatDuration(window.length)}.`
    mistakes.add('definition_invalid', place, text, 'Use a hop that goes into the window a whole number of times.')
  }
}

function checkExpectation(
  { check, feature, min, max }: ExpectationDefinition,
  select: FeaturesDefinition['select'],
  mistakes: Mistakes,
): void {
  const place = `expect ${check}`
  if (!mistakes.known('unknown_feature', place, 'feature', feature, Object.keys(select))) return
  const sane =
    check === 'nullRate'
      ? max !== undefined && max >= 0 && max <= 1
      : min !== undefined && max !== undefined && min <= max
  if (!sane) {
    const remedy = check === 'nullRate' ? 'Give a rate from 0 to 1.' : 'Give two numbers, the smaller one first.'
    mistakes.add('definition_invalid', place, 'It can never hold, or always does.', remedy)
  }
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
