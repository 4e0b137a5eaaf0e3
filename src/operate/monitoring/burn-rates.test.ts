import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DAY, HOUR, MINUTE } from '../../core/time.ts'
import type { Objective } from '../../language/define/slo-definition.ts'
import { judgeBurn, stateOfObjective } from './burn-rates.ts'
import { ObjectiveMeter } from './objective-meter.ts'

const START = 20_000 * DAY
const objective: Objective = { name: 'availability', target: 0.999, window: 30 * DAY }

interface Alarms {
  /** Minutes after the trouble began at which a severity was bad first; undefined for never. */
  readonly page?: number
  readonly ticket?: number
  /** Minutes after the end of the trouble from which on no page was bad any more. */
  readonly quietAfter?: number
}

/**
 * Plays good days and then trouble: a multiple of what the objective allows, of so many answers a minute; and afterwards good hours.
 */
function play({
  burn,
  minutes,
  perMinute = 100,
  before = 3 * DAY,
  seed,
}: {
  burn: number
  minutes: number
  perMinute?: number
  before?: number
  seed?: number
}): Alarms {
  const meter = new ObjectiveMeter(objective.window)
  const random = seed === undefined ? undefined : seededRandom(seed)
  let owed = 0
  const minuteOf = (minute: number, rate: number): void => {
    let faults = 0
    // Either evenly, or each answer by chance.
    if (random !== undefined)
      for (let answer = 0; answer < perMinute; answer += 1) faults += Number(random.next() < rate)
    else {
      owed += Math.min(1, rate) * perMinute
      faults = Math.floor(owed + 1e-9)
      owed -= faults
    }
    meter.count({ minute, answers: perMinute, slow: 0, faults })
  }
  const first = START / MINUTE
  const trouble = first + before / MINUTE
  for (let minute = first; minute < trouble; minute += 1) minuteOf(minute, 0)
  let page: number | undefined
  let ticket: number | undefined
  let lastPage: number | undefined
  for (let passed = 0; passed < minutes + 120; passed += 1) {
    minuteOf(trouble + passed, passed < minutes ? burn * 0.001 : 0)
    if (judgeBurn(objective, meter, 'page').verdict === 'bad') {
      page ??= passed
      lastPage = passed
    }
    if (judgeBurn(objective, meter, 'ticket').verdict === 'bad') ticket ??= passed
  }
  return {
    ...(page === undefined ? {} : { page }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(lastPage === undefined ? {} : { quietAfter: lastPage - minutes + 1 }),
  }
}

// How long the rules of the workbook need: length of the window x threshold / burn, and somewhat longer to be sure.
test.each([
  ['everything fails', 1000, 30, 0, 4],
  ['a twentieth fails', 50, 60, 17, 26],
  ['20 times what is allowed', 20, 120, 43, 58],
  ['10 times what is allowed: by the six hours', 10, 400, 216, 260],
  ['7 times what is allowed: by the six hours', 7, 600, 308, 359],
])('%s: somebody is woken in time', (_what, burn, minutes, earliest, latest) => {
  const { page, quietAfter } = play({ burn, minutes })
  expect(page).toBeGreaterThanOrEqual(earliest)
  expect(page).toBeLessThanOrEqual(latest)
  // Once it is over, the short window makes an end of it.
  expect(quietAfter).toBeLessThanOrEqual(30)
})

test.each([
  ['4 times what is allowed', 4, 3 * 1440, 1080, 1200],
  ['1.5 times what is allowed', 1.5, 4 * 1440, 2880, 3300],
])('%s: a ticket, and nobody is woken', (_what, burn, minutes, earliest, latest) => {
  const { page, ticket } = play({ burn, minutes })
  expect(page).toBeUndefined()
  expect(ticket).toBeGreaterThanOrEqual(earliest)
  expect(ticket).toBeLessThanOrEqual(latest)
})

test.each([
  ['nothing', 0, 1440],
  ['nine tenths of what is allowed, for a week', 0.9, 7 * 1440],
  ['a blip of ten minutes at 50 times what is allowed', 50, 10],
])('%s alarms nobody', (_what, burn, minutes) => {
  expect(play({ burn, minutes })).toEqual({})
})

test('chance alarms nobody: of a hundred weeks at half of what is allowed, of few answers, none', () => {
  for (let seed = 1; seed <= 100; seed += 1)
    expect(play({ burn: 0.5, minutes: 7 * 1440, perMinute: 2, before: 0, seed })).toEqual({})
})

test.each([0.99, 0.95, 0.9, 0.8, 0.5])(
  'everything fails of what promises %s: somebody is woken within the hour',
  (target) => {
    const promised = { ...objective, target }
    const meter = new ObjectiveMeter(promised.window)
    const first = START / MINUTE
    for (let minute = 0; minute < 2 * 1440; minute += 1)
      meter.count({ minute: first + minute, answers: 100, slow: 0, faults: 0 })
    let passed = 0
    for (; judgeBurn(promised, meter, 'page').verdict !== 'bad' && passed < 1440; passed += 1)
      meter.count({ minute: first + 2 * 1440 + passed, answers: 100, slow: 0, faults: 100 })
    expect(passed).toBeLessThanOrEqual(45)
    // What is allowed wakes nobody.
    const quiet = new ObjectiveMeter(promised.window)
    for (let minute = 0; minute < 1440; minute += 1)
      quiet.count({ minute: first + minute, answers: 100, slow: 0, faults: Math.floor(100 * (1 - target)) })
    expect(judgeBurn(promised, quiet, 'page').verdict).not.toBe('bad')
  },
)

test('of few answers a few failures are no alarm', () => {
  const meter = new ObjectiveMeter(objective.window)
  meter.count({ minute: START / MINUTE, answers: 400, slow: 0, faults: 9 })
  expect(judgeBurn(objective, meter, 'page').verdict).toBe('unknown')
})

test('the budget is what is left of what may be bad, over the window alone', () => {
  const meter = new ObjectiveMeter(objective.window)
  const first = START / MINUTE
  meter.count({ minute: first, answers: 100_000, slow: 0, faults: 40 })
  expect(stateOfObjective(objective, meter, START)).toMatchObject({
    ...{ answers: 100_000, bad: 40, good: 0.9996, since: START },
    left: expect.closeTo(0.6, 9),
  })
  meter.count({ minute: first + 29 * 1440, answers: 100_000, slow: 0, faults: 180 })
  expect(stateOfObjective(objective, meter, START + 29 * DAY)).toMatchObject({ left: expect.closeTo(-0.1, 9) })
  // A day later the first minute has left the window.
  meter.moveTo(START + 30 * DAY)
  const state = stateOfObjective(objective, meter, START + 30 * DAY)
  expect(state).toMatchObject({ answers: 100_000, bad: 180, left: expect.closeTo(-0.8, 9), since: START })
  expect(state.burns.map(({ over }) => over / MINUTE)).toEqual([5, 30, 60, 120, 360, 1440, 4320])
  expect(state.burns.at(-1)).toMatchObject({ answers: 100_000, rate: expect.closeTo(1.8, 9) })
  expect(state.burns[0]).toMatchObject({ answers: 0, rate: 0 })
})

test('latency is judged of what was answered', () => {
  const latency: Objective = { name: 'latency', target: 0.9, bound: 1000, window: HOUR * 24 }
  const meter = new ObjectiveMeter(latency.window, latency.bound)
  for (const [took, fault] of [
    [500, false],
    [1000, false],
    [1001, false],
    [0, true],
  ] as const)
    meter.add(START, took, fault)
  expect(stateOfObjective(latency, meter, START)).toMatchObject({ answers: 3, bad: 1 })
  expect(stateOfObjective({ ...objective, target: 0.5 }, meter, START)).toMatchObject({ answers: 4, bad: 1, left: 0.5 })
})
