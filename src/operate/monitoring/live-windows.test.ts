import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import { type ClosedWindow, LiveWindows } from './live-windows.ts'
import { decodeReference } from './prediction-window.ts'
import { simulatedReference } from './simulated-model.ts'

const decoded = decodeReference(simulatedReference(200, 2))
const start = 11_323 * DAY
const values = Float64Array.of(0, 0, 0, 10, 0, 5)

/** Windows from `since` on, and one prediction at each of these times. */
function windowsOf(since: number, times: readonly number[]): LiveWindows {
  const live = new LiveWindows({ version: 1, decoded }, start + since)
  for (const time of times) live.observe(values, start + time, 0.4, 2000, false)
  return live
}

const shown = ({ from, to, service, predictions, whole, version }: ClosedWindow) => ({
  hours: [(from - start) / HOUR, (to - start) / HOUR],
  n: service.n,
  predictions: predictions?.n,
  whole,
  version,
})

test('hours and days close when something comes after them, or when the clock says so', () => {
  const live = windowsOf(0, [0, HOUR - 1, HOUR, 25 * HOUR])
  expect(live.takeClosed().map(shown)).toEqual([
    { hours: [0, 1], n: 2, predictions: undefined, whole: true, version: 1 },
    { hours: [1, 2], n: 1, predictions: undefined, whole: true, version: 1 },
    { hours: [0, 24], n: 3, predictions: 3, whole: true, version: 1 },
  ])
  expect(live.closesAt).toBe(start + 26 * HOUR)
  live.moveTo(start + 26 * HOUR - 1)
  expect(live.takeClosed()).toEqual([])
  live.moveTo(start + 26 * HOUR)
  expect(live.takeClosed().map(shown)).toMatchObject([{ hours: [25, 26], n: 1 }])
})

test('a day that was not watched from its beginning is not whole, the one after it is, and an empty one is not kept', () => {
  const live = windowsOf(6 * HOUR, [7 * HOUR, 2 * DAY + HOUR])
  live.moveTo(start + 3 * DAY)
  const days = live.takeClosed().filter(({ predictions }) => predictions !== undefined)
  expect(days.map(shown)).toMatchObject([
    { hours: [6, 24], n: 1, whole: false },
    { hours: [48, 72], n: 1, whole: true },
  ])
})

test('another version closes what the one before had, whatever the time', () => {
  const live = windowsOf(0, [HOUR, HOUR + MINUTE])
  live.serve({ version: 2, decoded }, start + HOUR + 30 * MINUTE)
  live.observe(values, start + HOUR + 40 * MINUTE, 0.4, 2000, false)
  live.moveTo(start + DAY)
  expect(live.takeClosed().map(shown)).toEqual([
    { hours: [1, 1.5], n: 2, predictions: undefined, whole: true, version: 1 },
    { hours: [0, 1.5], n: 2, predictions: 2, whole: false, version: 1 },
    { hours: [1.5, 2], n: 1, predictions: undefined, whole: true, version: 2 },
    { hours: [1.5, 24], n: 1, predictions: 1, whole: false, version: 2 },
  ])
})

test('failures are counted, and are neither predictions nor fast answers', () => {
  const live = windowsOf(0, [MINUTE])
  live.observe(values, start + MINUTE, Number.NaN, 1, true)
  const { hour, window } = live.present(start + 2 * MINUTE)
  expect(hour.service).toMatchObject({ n: 2, errors: 1, perMinute: 1 })
  expect(hour.service.p50).toBeCloseTo(2, 1)
  expect(window.predictions.n).toBe(1)
  expect(window).toMatchObject({ whole: false, to: start + 2 * MINUTE })
})

test('what was counted before a restart makes the day whole again', () => {
  const live = windowsOf(6 * HOUR + MINUTE, [])
  expect(live.windowStart).toBe(start)
  live.recount(values, start + HOUR, 0.4, 2000)
  live.recount(values, start + 6 * HOUR + 1, 0.4, 2000)
  live.observe(values, start + 6 * HOUR + 2 * MINUTE, 0.4, 2000, false)
  live.moveTo(start + DAY)
  expect(live.takeClosed().map(shown)).toMatchObject([
    { hours: [6, 7], n: 2 },
    { hours: [0, 24], n: 3, predictions: 3, whole: true },
  ])
})

test('what was counted before a restart is told late, when its hour, its day and its version are over', () => {
  const live = windowsOf(6 * HOUR + MINUTE, [6 * HOUR + 2 * MINUTE, 8 * HOUR])
  live.recount(values, start + 6 * HOUR + 1, 0.4, 2000)
  live.moveTo(start + DAY + HOUR)
  live.recount(values, start + 6 * HOUR + 2, 0.4, 2000)
  live.serve({ version: 2, decoded }, start + DAY + 2 * HOUR)
  live.recount(values, start + HOUR, 0.4, 2000)
  expect(live.takeClosed().map(shown)).toEqual([
    { hours: [6, 7], n: 3, predictions: undefined, whole: true, version: 1 },
    { hours: [8, 9], n: 1, predictions: undefined, whole: true, version: 1 },
    { hours: [0, 24], n: 5, predictions: 5, whole: true, version: 1 },
  ])
})

test.each([6.5, 7.5, 30])(
  'answers of before a restart, told together %d hours into the day, count once beside their rows',
  (told) => {
    const live = windowsOf(6 * HOUR + MINUTE, [6 * HOUR + 2 * MINUTE])
    expect(live.firstHour).toBe(start + 6 * HOUR)
    live.moveTo(start + told * HOUR)
    live.recountAnswers(2000, 2)
    live.recount(values, start + 6 * HOUR, 0.4, 2000)
    live.moveTo(start + 31 * HOUR)
    live.recount(values, start + 6 * HOUR + 1, 0.4, 2000)
    live.recount(values, start + HOUR, 0.4, 2000)
    expect(live.takeClosed().map(shown)).toMatchObject([
      { hours: [6, 7], n: 3 },
      { hours: [0, 24], n: 4, predictions: 4 },
    ])
  },
)

test('an hour in which nothing came after a restart has what came before it', () => {
  const live = windowsOf(6 * HOUR + MINUTE, [])
  live.moveTo(start + 7 * HOUR)
  live.recount(values, start + 6 * HOUR, 0.4, 2000)
  expect(live.takeClosed().map(shown)).toMatchObject([{ hours: [6, 7], n: 1 }])
  expect(live.present(start + 7 * HOUR).window).toMatchObject({ from: start, service: { n: 1 } })
})
