import { seededRandom } from '../../src/core/random.ts'
import type { Aggregate } from '../../src/language/aggregate/aggregate.ts'
import { aggregates } from '../../src/language/aggregate/registry.ts'
import type { FeaturesDefinition } from '../../src/language/define/definitions.ts'
import { driversOf } from './drivers.ts'
import { comparingLaw } from './law.ts'
import { counted, oracle } from './oracle.ts'

/**
 * L6. The rows of an entity before t are split by chance into up to four parts, some of them empty; what lifetimes keep of
 * each is merged.
 */
export const merge = comparingLaw('merge(state(A), state(B)) answers as state(A + B), for any split.', (lawCase) => {
  const definition = overLifetimes(lawCase.definition)
  const { stream, queries, salt } = lawCase
  const events = counted(lawCase.events)
  const { merged } = driversOf({ ...lawCase, definition })
  const random = seededRandom(salt)
  return queries.map((query) => {
    const parts = Array.from({ length: 1 + random.integer(4) }, () => [] as typeof events)
    for (const event of events)
      if (event.entity === query.entity && event.eventTime < query.t) parts[random.integer(parts.length)]!.push(event)
    const expected = oracle(definition, stream, events, query.entity, query.t)
    return { what: 'merged', query, expected, actual: merged(parts, query.t) }
  })
})

/** The same features over all rows; a decay holds the rows of its tiles, and keeps nothing of others. */
function overLifetimes(definition: FeaturesDefinition): FeaturesDefinition {
  const kept = Object.entries(definition.select).filter(([, { aggregate: name }]) => {
    const aggregate: Aggregate = aggregates[name]
    return !('collects' in aggregate && aggregate.collects === 'tiles')
  })
  const select = kept.map(([name, feature]) => [name, { ...feature, window: { kind: 'lifetime' } }] as const)
  return { ...definition, select: Object.fromEntries(select), horizon: 'lifetime' }
}
