import { seededRandom } from '../../src/core/random.ts'
import { driversOf, hidingOf } from './drivers.ts'
import { compareStores } from './engine-stores.ts'
import { generateCase } from './generate.ts'
import { comparingLaw, firstDifference, type Law } from './law.ts'
import type { LawEvent } from './oracle.ts'

/** One case of so many, by its seed, is also asked of replays that read tables and files: that takes as long as all of them. */
const CASES_PER_STORED_CASE = 50

/** L10. */
export const engine: Law = {
  statement: 'Replay, live and distributed agree to the bit.',
  async run(options) {
    const { cases, seed } = options
    const report = await inMemory.run(options)
    const seeds = Array.from({ length: cases }, (_, index) => seed + index)
    const stored = seeds.filter((one) => one % CASES_PER_STORED_CASE === 0)
    const lawCases = stored.map((one) => generateCase(seededRandom(one)))
    const failures = (await compareStores(lawCases)).flatMap((comparisons, index) => {
      const difference = firstDifference(comparisons)
      return difference === undefined ? [] : [{ seed: stored[index]!, difference, case: lawCases[index] }]
    })
    const failure = report.failure ?? failures[0]
    const mismatches = report.mismatches + failures.length
    return { ...report, mismatches, ...(failure === undefined ? {} : { failure }) }
  },
}

/**
 * A log is replayed in one piece, and in partitions as an engine on many machines does it: which revision counts is found
 * over all rows of an id, then each partition has the rows of its entities and a dictionary of its own, and they come in
 * any order. The live state, given the whole log, says the same.
 */
const inMemory = comparingLaw(engine.statement, (lawCase, drivers) => {
  const { events, queries, salt } = lawCase
  const position = (event: LawEvent) => event.position
  const asked = queries.map((query, index) => (index % 2 === 0 ? query : { ...query, cut: events.length }))
  const whole = drivers.replay(events, asked, position)
  const hiddenAt = hidingOf(events, position)
  const partitions = 1 + (salt % 4)
  const partitionOf = ({ entity }: { readonly entity: string }) => (entity.charCodeAt(0) + salt) % partitions
  const distributed = Array.from({ length: partitions }, (_, index) => partitions - 1 - index).flatMap((partition) => {
    const own = events.filter((event) => partitionOf(event) === partition)
    const places = [...asked.keys()].filter((place) => partitionOf(asked[place]!) === partition)
    const ownQueries = places.map((place) => asked[place]!)
    const answers = driversOf({ ...lawCase, events: own }).replay(own, ownQueries, position, hiddenAt)
    return answers.map((actual, index) => ({ place: places[index]!, actual }))
  })
  const live = drivers.live()
  for (const event of events) live.apply(event)
  return [
    ...distributed.map(({ place, actual }) => ({
      what: 'distributed',
      query: asked[place]!,
      expected: whole[place]!,
      actual,
    })),
    ...asked.flatMap((query, place) => {
      const actual = query.cut === events.length ? live.read(query.entity, query.t) : undefined
      return actual === undefined ? [] : [{ what: 'live', query, expected: whole[place]!, actual }]
    }),
  ]
})
