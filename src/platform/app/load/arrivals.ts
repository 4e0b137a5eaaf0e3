import { seededRandom } from '../../../core/random.ts'
import type { LoadSettings } from '../../../operate/readiness/load-test.ts'

/**
 * When requests are due, milliseconds from the beginning of a load: made beforehand, so that no answer has a say in it.
 * @param rate requests a second
 */
export function arrivalTimes(
  rate: number,
  { seconds, warmup, arrivals, seed }: Pick<LoadSettings, 'seconds' | 'warmup' | 'arrivals' | 'seed'>,
): Float64Array {
  const end = (warmup + seconds) * 1000
  const mean = 1000 / rate
  if (arrivals === 'constant') return Float64Array.from({ length: Math.floor(end / mean) }, (_, index) => index * mean)
  const random = seededRandom(seed)
  const times: number[] = []
  for (let time = 0; ; ) {
    time -= mean * Math.log(1 - random.next())
    if (time >= end) return Float64Array.from(times)
    times.push(time)
  }
}
