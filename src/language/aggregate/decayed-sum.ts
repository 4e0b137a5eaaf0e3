import type { AggregateParameters, CollectionAggregateOf } from './aggregate.ts'

const MOST_TILES = 5000

/** The sum of the values, each weighted by the age of its tile: from the oldest tile to the newest, weight times sum. */
export const decayedSum: CollectionAggregateOf<'tiles'> = {
  takes: 'numbers',
  parameters: ['hop', 'weights'],
  collects: 'tiles',
  empty: Number.NaN,
  resultType: () => 'number',
  problem: problemOfDecay,
  read(tiles, { weights = [] }) {
    let total = Number.NaN
    tiles.each((age, sum) => {
      // Another feature may look further back.
      if (age >= weights.length) return
      total = (Number.isNaN(total) ? 0 : total) + (weights[age] as number) * sum
    })
    return total
  },
}

export function problemOfDecay({ hop = 0, weights = [] }: AggregateParameters): string | undefined {
  if (!(hop > 0)) return 'A decay needs tiles: give its hop.'
  const isSane = weights.length > 0 && weights.length <= MOST_TILES && weights.every(Number.isFinite)
  return isSane ? undefined : `A decay has from 1 to ${MOST_TILES} tiles; here ${weights.length}.`
}
