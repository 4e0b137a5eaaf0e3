import { seededRandom } from '../../src/core/random.ts'
import { type Comparison, comparingLaw } from './law.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import { type LawEvent, oracle } from './oracle.ts'

/**
 * L1. Each query is answered over the whole log, over nothing but the rows it knows, and over a log where what it does
 * not know, or lies at t or later, says something else; at recorded cuts, and as history with a serving lag. A known
 * revision at t or later hides an earlier one: only ids none of whose known rows lies before t are of no account.
 */
export const noFuture = comparingLaw(
  'Rows outside the cut change nothing; nor does an id none of whose known rows lies before t.',
  (lawCase, { replay }) => {
    const { stream, definition, events, queries, salt } = lawCase
    const lag = (salt % 3) * 60_000_000
    const knownAt = (event: LawEvent) => event.knownAt + lag
    const position = (event: LawEvent) => event.position
    const historical = queries.map((query) => ({ ...query, cut: query.t }))
    const compared: Comparison[] = []
    for (const [what, asked, visibleAt] of [
      ['recorded cut', queries, position],
      ['history', historical, knownAt],
    ] as const) {
      const answers = replay(events, asked, visibleAt)
      for (const [index, query] of asked.entries()) {
        const known = events.filter((event) => visibleAt(event) < query.cut)
        const past = new Set(known.filter(({ eventTime }) => eventTime < query.t).map(({ id }) => id))
        const seen = known.filter(({ id }) => past.has(id))
        const expected = oracle(definition, stream, known, query.entity, query.t)
        const over = (log: readonly LawEvent[]) => replay(log, [query], visibleAt)[0] ?? []
        compared.push({ what, query, expected, actual: answers[index] ?? [] })
        compared.push({ what: `${what}, rows in sight alone`, query, expected, actual: over(seen) })
        const disturbed = events.map((event) => {
          if (seen.includes(event)) return event
          return disturb(lawCase, event, query, known.includes(event))
        })
        compared.push({ what: `${what}, other rows changed`, query, expected, actual: over(disturbed) })
      }
    }
    return compared
  },
)

/** A row that is of no account to the query, with another's values, moved to where it still is of none. */
function disturb({ events, salt }: LawCase, event: LawEvent, query: LawQuery, isKnown: boolean): LawEvent {
  const random = seededRandom(salt + event.position)
  const { values, entity } = events[random.integer(events.length)] as LawEvent
  const eventTime = query.t + random.integer(isKnown ? 9 : 19) - (isKnown ? 0 : 10)
  return { ...event, values, entity, eventTime, tombstone: random.integer(4) === 0 }
}
