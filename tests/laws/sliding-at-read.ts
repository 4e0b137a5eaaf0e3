import { type Comparison, comparingLaw } from './law.ts'
import { oracle } from './oracle.ts'

/**
 * L8. With no new event, one state is read at one time after another, later and earlier ones, and each answer is that
 * of a replay at that time; a state that was never read says the same.
 */
export const slidingAtRead = comparingLaw(
  'Reading later with no new event equals replaying at that later time.',
  ({ stream, definition, events, queries, salt }, drivers) => {
    const live = drivers.live()
    for (const event of events) live.apply(event)
    const times = [...new Set(queries.flatMap(({ t }) => [t, t + 1, t + (salt % 50)]))].sort((a, b) => a - b)
    const entity = events[salt % Math.max(1, events.length)]?.entity ?? 'a'
    const later = times.map((t) => ({ entity, t, cut: events.length }))
    const asked = [...later, ...later.toReversed(), ...queries.map((query) => ({ ...query, cut: events.length }))]
    const replayed = drivers.replay(events, asked, (event) => event.position)
    const compared: Comparison[] = []
    for (const [index, query] of asked.entries()) {
      const expected = oracle(definition, stream, events, query.entity, query.t)
      compared.push({ what: 'replayed', query, expected, actual: replayed[index] ?? [] })
      const served = live.read(query.entity, query.t)
      if (served !== undefined) compared.push({ what: 'served', query, expected, actual: served })
    }
    const query = asked[salt % asked.length]
    const fresh = drivers.live()
    for (const event of events) fresh.apply(event)
    const first = query === undefined ? undefined : fresh.read(query.entity, query.t)
    if (query !== undefined && first !== undefined) {
      const expected = oracle(definition, stream, events, query.entity, query.t)
      compared.push({ what: 'served first of all', query, expected, actual: first })
    }
    return compared
  },
)
