import { seededRandom } from '../../src/core/random.ts'
import { type Comparison, comparingLaw } from './law.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import { type LawEvent, oracle } from './oracle.ts'

/**
 * L1. Each query is answered over the whole log, over nothing but the rows it may see, and over a log whose other rows
 * say something else; at recorded cuts, and as history with a serving lag.
 */
export const noFuture = comparingLaw(
  'Rows outside the cut, or at t or later, change nothing.',
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
        const isSeen = (event: LawEvent) => visibleAt(event) < query.cut && event.eventTime < query.t
        const seen = events.filter(isSeen)
        const expected = oracle(definition, stream, seen, query.entity, query.t)
        const over = (log: readonly LawEvent[]) => replay(log, [query], visibleAt)[0] ?? []
        compared.push({ what, query, expected, actual: answers[index] ?? [] })
        compared.push({ what: `${what}, rows in sight alone`, query, expected, actual: over(seen) })
        const disturbed = events.map((event) => (isSeen(event) ? event : disturb(lawCase, event, query)))
        compared.push({ what: `${what}, other rows changed`, query, expected, actual: over(disturbed) })
      }
    }
    return compared
  },
)

/** A row that the query may not see, moved about where it still may not, with another row's values. */
function disturb({ events, salt }: LawCase, event: LawEvent, query: LawQuery): LawEvent {
  const random = seededRandom(salt + event.position)
  const values = (events[random.integer(events.length)] as LawEvent).values
  const eventTime = event.eventTime < query.t ? query.t - 1 - random.integer(9) : query.t + random.integer(9)
  return { ...event, values, eventTime }
}
