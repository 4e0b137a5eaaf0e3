import { seededRandom } from '../../src/core/random.ts'
import { type Comparison, comparingLaw } from './law.ts'
import { counted, oracle } from './oracle.ts'

/**
 * L5. Revisions, deletions and revivals are applied live, read and forgotten in between. At each query's cut the state
 * answers as one that was only ever given the rows that count by then, and so does a replay.
 */
export const correction = comparingLaw(
  'Once known, answers are as if only the corrected event had ever existed.',
  ({ stream, definition, events, queries, salt }, drivers) => {
    const random = seededRandom(salt)
    const live = drivers.live()
    const replayed = drivers.replay(events, queries, (event) => event.position)
    const compared: Comparison[] = []
    for (let cut = 0; cut <= events.length; cut++) {
      for (const [index, query] of queries.entries()) {
        if (query.cut !== cut) continue
        const known = events.filter(({ position }) => position < cut)
        const corrected = counted(known).map((event, position) => ({ ...event, position }))
        const alone = drivers.live()
        for (const event of corrected) alone.apply(event)
        const whole = { ...query, cut: corrected.length }
        const [expected = []] = drivers.replay(corrected, [whole], (event) => event.position)
        compared.push({ what: 'replayed', query, expected, actual: replayed[index] ?? [] })
        const truth = oracle(definition, stream, corrected, query.entity, query.t)
        compared.push({ what: 'corrected rows replayed', query, expected: truth, actual: expected })
        for (const [what, group] of [
          ['served', live],
          ['served from corrected rows', alone],
        ] as const) {
          const actual = group.read(query.entity, query.t)
          if (actual !== undefined) compared.push({ what, query, expected, actual })
        }
        if (random.integer(20) === 0) live.group.forget(query.t)
        if (random.integer(10) === 0) live.restart()
      }
      const event = events.find(({ position }) => position === cut)
      if (event !== undefined) live.apply(event)
      const query = queries[random.integer(queries.length * 2)]
      if (query !== undefined) live.read(query.entity, query.t)
    }
    return compared
  },
)
