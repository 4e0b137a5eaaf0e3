import { seededRandom } from '../../src/core/random.ts'
import { comparingLaw } from './law.ts'
import { oracle } from './oracle.ts'

/** L3. The same rows arrive in another order, with reads in between; then every query sees them all. */
export const order = comparingLaw(
  'Any order of arrival of the same accepted rows gives the same answers.',
  ({ stream, definition, events, queries, salt }, drivers) => {
    const random = seededRandom(salt)
    const shuffled = events
      .map((event) => ({ event, key: random.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ event }, position) => ({ ...event, position }))
    const live = drivers.live()
    for (const event of shuffled) {
      live.apply(event)
      const query = queries[random.integer(queries.length * 4)]
      if (query !== undefined) live.read(query.entity, query.t)
    }
    const all = queries.map((query) => ({ ...query, cut: events.length }))
    const replayed = drivers.replay(shuffled, all, (event) => event.position)
    return all.flatMap((query, index) => {
      const expected = oracle(definition, stream, events, query.entity, query.t)
      const served = live.read(query.entity, query.t)
      return [
        { what: 'replayed', query, expected, actual: replayed[index] ?? [] },
        ...(served === undefined ? [] : [{ what: 'served', query, expected, actual: served }]),
      ]
    })
  },
)
