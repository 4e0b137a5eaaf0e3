import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { HOUR, MINUTE } from '../../core/time.ts'
import { ObjectiveMeter, type ObjectiveMinute } from './objective-meter.ts'

/** Minutes with gaps, some longer than the window; on either side of 1970 and within it. */
function someMinutes(seed: number): ObjectiveMinute[] {
  const random = seededRandom(seed)
  let minute = [30_000_000, -30_000_000, -200, 0][seed % 4]!
  return Array.from({ length: 300 }, () => {
    minute += random.integer(20) === 0 ? random.integer(400) : random.integer(3)
    return { minute, answers: 1 + random.integer(50), slow: random.integer(3), faults: random.integer(2) }
  })
}

test('any window is what a list of all minutes says', () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const meter = new ObjectiveMeter(6 * HOUR)
    const seen: ObjectiveMinute[] = []
    for (const one of someMinutes(seed)) {
      meter.count(one)
      seen.push(one)
      for (const minutes of [1, 5, 60, 359, 360]) {
        const within = seen.filter(({ minute }) => minute > one.minute - minutes)
        const sum = (of: (one: ObjectiveMinute) => number): number =>
          within.reduce((total, each) => total + of(each), 0)
        expect(meter.over(minutes * MINUTE)).toEqual({
          answers: sum(({ answers }) => answers),
          slow: sum(({ slow }) => slow),
          faults: sum(({ faults }) => faults),
        })
      }
    }
  }
})

test('minutes that are kept and counted again give the same', () => {
  const meter = new ObjectiveMeter(6 * HOUR)
  for (const one of someMinutes(3)) meter.count(one)
  const again = new ObjectiveMeter(6 * HOUR)
  const kept = meter.minutesFrom(Number.NEGATIVE_INFINITY)
  for (const one of kept) again.count(one)
  for (const length of [MINUTE, HOUR, 5 * HOUR]) expect(again.over(length)).toEqual(meter.over(length))
  expect(again.minutesFrom(Number.NEGATIVE_INFINITY)).toEqual(kept)
})

const first = 30_000_000

test('nothing was counted before the first answer, and what is over leaves by itself', () => {
  const meter = new ObjectiveMeter(HOUR, 1000)
  expect(meter.over(HOUR)).toEqual({ answers: 0, slow: 0, faults: 0 })
  expect(meter.minutesFrom(0)).toEqual([])
  meter.add(first * MINUTE, 2000, false)
  expect(meter.over(HOUR)).toEqual({ answers: 1, slow: 1, faults: 0 })
  meter.moveTo((first + 59) * MINUTE)
  expect(meter.over(HOUR).answers).toBe(1)
  meter.moveTo((first + 60) * MINUTE)
  expect(meter.over(HOUR).answers).toBe(0)
})
