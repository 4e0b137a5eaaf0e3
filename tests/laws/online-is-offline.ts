import { seededRandom } from '../../src/core/random.ts'
import { type Comparison, comparingLaw } from './law.ts'
import { oracle } from './oracle.ts'

/**
 * L2. Events are applied live, queries are read when their cut is reached, and all of them are replayed at their
 * recorded cuts. What the live state declares too old for it is not served, so not compared.
 */
export const onlineIsOffline = comparingLaw(
  'A served vector and a replayed one at the same keys, t and cut are the same bits, statuses included.',
  ({ stream, definition, events, queries, salt }, drivers) => {
    const random = seededRandom(salt)
    const live = drivers.live()
    const replayed = drivers.replay(events, queries, (event) => event.position)
    const compared: Comparison[] = []
    for (let cut = 0; cut <= events.length; cut++) {
      for (const [index, query] of queries.entries()) {
        if (query.cut !== cut) continue
        const seen = events.filter(({ position }) => position < cut)
        const expected = oracle(definition, stream, seen, query.entity, query.t)
        compared.push({ what: 'replayed', query, expected, actual: replayed[index] ?? [] })
        const served = live.read(query.entity, query.t)
        if (served !== undefined) compared.push({ what: 'served', query, expected, actual: served })
        if (random.integer(20) === 0) live.group.forget(query.t)
        if (random.integer(10) === 0) live.restart()
      }
      const event = events.find(({ position }) => position === cut)
      if (event !== undefined) live.apply(event)
    }
    return compared
  },
)
