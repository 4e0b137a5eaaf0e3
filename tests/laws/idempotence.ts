import { seededRandom } from '../../src/core/random.ts'
import { comparingLaw } from './law.ts'
import { oracle } from './oracle.ts'

/** L4. While events are applied, stretches of what was applied before are delivered again. */
export const idempotence = comparingLaw(
  'Redelivery changes nothing.',
  ({ stream, definition, events, queries, salt }, drivers) => {
    const random = seededRandom(salt)
    const live = drivers.live()
    for (const [index, event] of events.entries()) {
      live.apply(event)
      if (random.integer(4) === 0)
        for (const again of events.slice(random.integer(index + 1), index + 1)) live.apply(again)
      const query = queries[random.integer(queries.length * 4)]
      if (query !== undefined) live.read(query.entity, query.t)
    }
    return queries.flatMap((query) => {
      const served = live.read(query.entity, query.t)
      const expected = oracle(definition, stream, events, query.entity, query.t)
      return served === undefined ? [] : [{ what: 'served', query, expected, actual: served }]
    })
  },
)
