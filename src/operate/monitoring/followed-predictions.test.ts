import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { allAtOnce } from '../../core/slices.ts'
import { FollowedPredictions } from './followed-predictions.ts'
import type { HeldPredictions } from './held-predictions.ts'

function idsOf(predictions: FollowedPredictions): string[] {
  const ids: string[] = []
  const show = (held: HeldPredictions, row: number) =>
    ids.push(`${held.key(row)} ${held.id(row)} ${held.t(row)} ${held.score(row)}`)
  allAtOnce(predictions.seen().each(show))
  return ids
}

test('those that are followed are given in the order in which they came, however far the thinning is', () => {
  const random = seededRandom(4)
  const predictions = new FollowedPredictions(0)
  let all: { readonly hash: number; readonly shown: string }[] = []
  let zeros = 0
  for (let step = 0; step < 4000; step += 1) {
    const hash = Math.floor(random.next() * 2 ** 32)
    if (Math.clz32(hash) >= zeros) {
      predictions.add(`k${step}`, hash, `p${step}`, step, step / 2)
      all.push({ hash, shown: `k${step} p${step} ${step} ${step / 2}` })
    }
    // Thinned again before it was looked through, and after.
    if ([1000, 1010, 3000, 3900].includes(step)) {
      zeros += 1
      predictions.follow(zeros)
      all = all.filter((one) => Math.clz32(one.hash) >= zeros)
    }
    if (predictions.isThinning) predictions.thin(step % 5)
    if (step % 90 !== 0) continue
    expect(predictions.length).toBe(all.length)
    expect(idsOf(predictions)).toEqual(all.map(({ shown }) => shown))
  }
  while (predictions.isThinning) predictions.thin(100)
  expect(idsOf(predictions)).toEqual(all.map(({ shown }) => shown))
})
