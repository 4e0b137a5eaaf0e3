import { seededRandom } from '../../src/core/random.ts'
import type { Aggregate } from '../../src/language/aggregate/aggregate.ts'
import { aggregates } from '../../src/language/aggregate/registry.ts'
import type { FeaturesDefinition } from '../../src/language/define/definitions.ts'
import { driversOf, type LiveDriver } from './drivers.ts'
import { type Comparison, comparingLaw } from './law.ts'
import type { LawCase } from './law-case.ts'
import { oracle } from './oracle.ts'

/**
 * L6. The ids of a log are split by chance among up to four live states, some of which are given nothing. They are merged in
 * any order, after any of them has forgotten rows or gone on from what was written down of it; the whole then takes the
 * rest of the log. In half of the cases every window is a lifetime, so that most of the rows are sealed.
 */
export const merge = comparingLaw('merge(state(A), state(B)) answers as state(A + B), for any split.', (given) => {
  const lawCase = given.salt % 2 === 0 ? given : { ...given, definition: overLifetimes(given.definition) }
  const { stream, definition, events, queries, salt } = lawCase
  const random = seededRandom(salt)
  const first = queries[random.integer(queries.length)]?.cut ?? 0
  const whole = mergedAt(lawCase, first, random.integer(2 ** 32))
  const compared: Comparison[] = []
  for (let cut = first; cut <= events.length; cut++) {
    for (const query of queries) {
      if (query.cut !== cut) continue
      const known = events.filter(({ position }) => position < cut)
      const expected = oracle(definition, stream, known, query.entity, query.t)
      const actual = whole.read(query.entity, query.t)
      if (actual !== undefined) compared.push({ what: 'merged', query, expected, actual })
      if (random.integer(20) === 0) whole.group.forget(query.t)
      if (random.integer(10) === 0) whole.restart()
    }
    const event = events.find(({ position }) => position === cut)
    if (event !== undefined) whole.apply(event)
  }
  return compared
})

/** The state of all rows before a cut, put together from states of parts of them. */
function mergedAt(lawCase: LawCase, cut: number, seed: number): LiveDriver {
  const { stream, events, queries } = lawCase
  const random = seededRandom(seed)
  const drivers = driversOf(lawCase)
  const states = Array.from({ length: 1 + random.integer(4) }, () => drivers.live())
  const parts = new Map<string, LiveDriver>()
  const { within } = stream.corrections
  for (const event of events) {
    if (event.position >= cut) break
    const part = parts.get(event.id) ?? states[random.integer(states.length)]!
    parts.set(event.id, part)
    part.apply(event)
    if (random.integer(8) === 0) part.read(event.entity, event.knownAt)
  }
  for (const state of states) {
    const { t } = queries[random.integer(queries.length)]!
    // Rows before t are let go of, but for those that the reading of windows needs.
    if (random.integer(3) > 0) state.group.forget(t + random.integer(2) * within)
    if (random.integer(3) === 0) state.restart()
  }
  while (states.length > 1) {
    const [taken] = states.splice(random.integer(states.length), 1)
    const into = states[random.integer(states.length)]!
    into.merge(taken!)
    if (random.integer(4) === 0) into.restart()
  }
  return states[0]!
}

/** The same features over all rows; a decay holds the rows of its tiles, and keeps nothing of others. */
function overLifetimes(definition: FeaturesDefinition): FeaturesDefinition {
  const kept = Object.entries(definition.select).filter(([, { aggregate: name }]) => {
    const aggregate: Aggregate = aggregates[name]
    return !('collects' in aggregate && aggregate.collects === 'tiles')
  })
  const select = kept.map(([name, feature]) => [name, { ...feature, window: { kind: 'lifetime' } }] as const)
  return { ...definition, select: Object.fromEntries(select), horizon: 'lifetime' }
}
