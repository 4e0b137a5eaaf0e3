import { expect, test } from 'vitest'
import { MINUTE } from '../../core/time.ts'
import { ServiceMeter } from './service-meter.ts'

const start = 16_000_000 * MINUTE
const objectives = { latency: 20_000, slowAllowed: 0.01, failuresAllowed: 0.001, minimum: 200 }

/** Plays minutes of 100 predictions, of which some are slow and some fail. */
function play(meter: ServiceMeter, from: number, minutes: number, slow: number, failed = 0): void {
  for (let minute = 0; minute < minutes; minute++)
    for (let index = 0; index < 100; index++)
      meter.add(start + (from + minute) * MINUTE + index, index < slow ? 50_000 : 5000, index < failed)
}

test('answers of before 1970 are counted like others', () => {
  const meter = new ServiceMeter(objectives)
  for (let minute = -90; minute < 5; minute++)
    for (let index = 0; index < 100; index++) meter.add(minute * MINUTE + index, index < 60 ? 50_000 : 5000, false)
  meter.recount(-MINUTE)
  expect(meter.latency()).toMatchObject({ verdict: 'bad', n: 6001, recent: 0.6 })
  expect(meter.lastHour).toBe(6001)
})

test('an objective that is kept is good, from the first hundreds of answers on', () => {
  const meter = new ServiceMeter(objectives)
  play(meter, 0, 1, 0)
  expect(meter.latency()?.verdict).toBe('unknown')
  play(meter, 1, 30, 1)
  expect(meter.latency()).toMatchObject({ verdict: 'good', n: 3100 })
  expect(meter.failures()).toMatchObject({ verdict: 'good', share: 0 })
  expect(meter.perMinute).toBe(100)
  expect(meter.lastHour).toBe(3100)
})

test('what is slow for some minutes is bad while it lasts, and no longer', () => {
  const meter = new ServiceMeter(objectives)
  play(meter, 0, 60, 0)
  play(meter, 60, 4, 60)
  expect(meter.latency()).toMatchObject({ verdict: 'bad', n: 6000, share: 0.04 })
  expect(meter.failures().verdict).toBe('good')
  play(meter, 64, 5, 0)
  expect(meter.latency()).toMatchObject({ verdict: 'good', recent: 0, share: 0.04 })
})

test('a minute of slow answers is not enough', () => {
  const meter = new ServiceMeter(objectives)
  play(meter, 0, 60, 0)
  play(meter, 60, 1, 100)
  expect(meter.latency()?.verdict).toBe('unknown')
})

test('failures are judged by the share that availability allows', () => {
  const meter = new ServiceMeter(objectives)
  play(meter, 0, 60, 0, 1)
  expect(meter.failures()).toMatchObject({ verdict: 'bad', n: 6000, share: 0.01 })
})

test('without traffic nothing is judged, and what is an hour old is forgotten', () => {
  const meter = new ServiceMeter(objectives)
  play(meter, 0, 60, 100)
  meter.moveTo(start + 70 * MINUTE)
  expect(meter.latency()?.verdict).toBe('unknown')
  play(meter, 500, 10, 0)
  expect(meter.latency()).toMatchObject({ verdict: 'good', n: 1000, share: 0 })
})

test('without a latency objective there is no judgement on it', () => {
  const meter = new ServiceMeter({ slowAllowed: 0.01, failuresAllowed: 0.01, minimum: 1 })
  play(meter, 0, 10, 100)
  expect(meter.latency()).toBeUndefined()
})
