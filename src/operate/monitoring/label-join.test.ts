import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allAtOnce } from '../../core/slices.ts'
import { DAY, HOUR } from '../../core/time.ts'
import {
  type Cohort,
  createLabelJoin,
  type EarlyOutcome,
  type LabelJoinOptions,
  type Outcome,
  type PredictionToJoin,
} from './label-join.ts'

const start = 11_000 * DAY
const options: LabelJoinOptions = { within: 36 * HOUR, grace: 2 * HOUR, absent: 'exclude', cohortLength: DAY }

function predictionAt(t: number, labelKey: string, score = 0.5): PredictionToJoin {
  return { predictionId: `p-${labelKey}-${t}`, labelKey, t, score, version: 1 }
}

function outcomeAt(eventTime: number, labelKey: string, label: number, more: Partial<Outcome> = {}): Outcome {
  return { labelKey, eventTime, label, knownAt: eventTime, ...more }
}

function joinOf(changes: Partial<LabelJoinOptions> = {}) {
  const early: EarlyOutcome[] = []
  return { join: createLabelJoin({ ...options, ...changes }, (outcome) => early.push(outcome)), early }
}

test('the first outcome in [t, t + within) is the label, whatever came first', () => {
  const { join } = joinOf()
  const t = start + HOUR
  join.outcome(outcomeAt(t + 5 * HOUR, 'a', 0))
  join.predicted(predictionAt(t, 'a', 0.9))
  join.outcome(outcomeAt(t + 3 * HOUR, 'a', 1))
  join.predicted(predictionAt(t, 'b', 0.8))
  join.outcome(outcomeAt(t + 36 * HOUR, 'b', 1))
  join.predicted(predictionAt(t, 'c', 0.7))
  join.outcome(outcomeAt(t + 36 * HOUR - 1, 'c', 0))
  join.predicted(predictionAt(t, 'd', 0.6))
  join.outcome(outcomeAt(t, 'd', 1))
  const [cohort] = allAtOnce(join.takeMature(start + 5 * DAY))
  expect(cohort).toMatchObject({ predictions: 4, due: 4, labelled: 3, mature: true, from: start, to: start + DAY })
  expect([...cohort!.scores]).toEqual([0.9, 0.7, 0.6])
  expect([...cohort!.labels]).toEqual([1, 0, 1])
})

test('events of the same time are ordered by sequence, then by the bytes of their id', () => {
  const { join } = joinOf()
  for (const key of ['a', 'b']) join.predicted(predictionAt(start, key))
  join.outcome(outcomeAt(start, 'a', 0, { sequence: 2, id: 'a' }))
  join.outcome(outcomeAt(start, 'a', 1, { sequence: 1, id: 'z' }))
  join.outcome(outcomeAt(start, 'b', 0, { id: '\u{1f600}' }))
  join.outcome(outcomeAt(start, 'b', 1, { id: '\uffee' }))
  expect([...allAtOnce(join.takeMature(start + 5 * DAY))[0]!.labels]).toEqual([1, 1])
})

test('an outcome without a label decides like any other, and leaves its prediction without one', () => {
  for (const absent of ['exclude', { value: 0 }] as const) {
    const { join } = joinOf({ absent })
    for (const key of ['a', 'b']) join.predicted(predictionAt(start, key))
    join.outcome(outcomeAt(start, 'a', Number.NaN))
    join.outcome(outcomeAt(start + HOUR, 'a', 1))
    join.outcome(outcomeAt(start, 'b', 1))
    const [cohort] = allAtOnce(join.takeMature(start + 5 * DAY))
    expect(cohort).toMatchObject({ due: 2, labelled: 1, known: 1, labels: Float64Array.of(1) })
  }
})

test('a prediction counts only when window and grace are over, also when its label is known', () => {
  const { join } = joinOf()
  const t = start + 10 * HOUR
  join.predicted(predictionAt(t, 'a'))
  join.predicted(predictionAt(start, 'b'))
  for (const key of ['a', 'b']) join.outcome(outcomeAt(t, key, 1))
  const [young] = allAtOnce(join.immature(t + 38 * HOUR - 1))
  expect(young).toMatchObject({ predictions: 2, due: 1, labelled: 1, known: 2, mature: false })
  expect(allAtOnce(join.immature(t + 38 * HOUR))[0]).toMatchObject({ due: 2, labelled: 2, mature: false })
  expect(join.nextMature).toBe(start + DAY + 38 * HOUR)
  expect(allAtOnce(join.takeMature(join.nextMature - 1))).toEqual([])
  expect(allAtOnce(join.takeMature(join.nextMature))).toHaveLength(1)
  expect(allAtOnce(join.immature(start + 9 * DAY))).toEqual([])
})

test('what absence means is declared', () => {
  const { join } = joinOf({ absent: { value: 0 } })
  join.predicted(predictionAt(start, 'a', 0.1))
  join.predicted(predictionAt(start, 'b', 0.9))
  join.outcome(outcomeAt(start + 1, 'b', 1))
  const [cohort] = allAtOnce(join.takeMature(start + 5 * DAY))
  expect(cohort).toMatchObject({ due: 2, labelled: 1 })
  expect([...cohort!.labels]).toEqual([0, 1])
})

test('an outcome before its prediction is reported when the cohort is judged, and labels nothing', () => {
  const { join, early } = joinOf()
  const t = start + DAY + 10 // the outcome is of the day before
  join.outcome(outcomeAt(t - HOUR, 'a', 1, { id: 'landed-a' }))
  join.predicted(predictionAt(t, 'a'))
  allAtOnce(join.takeMature(join.nextMature))
  const [cohort] = allAtOnce(join.takeMature(join.nextMature))
  expect(cohort).toMatchObject({ due: 1, labelled: 0 })
  const expected = { code: 'label_before_prediction', predictionId: `p-a-${t}`, labelKey: 'a', t, eventTime: t - HOUR }
  expect(early).toEqual([{ ...expected, id: 'landed-a' }])
})

test('what is reported when the disk is full is reported again, and no cohort is forgotten', () => {
  const early: EarlyOutcome[] = []
  let isFull = true
  const join = createLabelJoin(options, (outcome) => {
    if (isFull) throw new Error('the disk is full')
    early.push(outcome)
  })
  const t = start + DAY + 10
  join.outcome(outcomeAt(t - HOUR, 'a', 1))
  join.predicted(predictionAt(t, 'a'))
  const later = start + 9 * DAY
  expect(() => allAtOnce(join.takeMature(later))).toThrow('the disk is full')
  expect(join.nextMature).toBeLessThan(later)
  isFull = false
  expect(allAtOnce(join.takeMature(later))).toMatchObject([{ predictions: 1, due: 1, labelled: 0 }])
  expect(early).toHaveLength(1)
})

test('the outcome of another prediction of the same key is not an early one', () => {
  const { join, early } = joinOf()
  join.predicted(predictionAt(start + 5 * HOUR, 'a'))
  join.predicted(predictionAt(start, 'a'))
  join.outcome(outcomeAt(start + HOUR, 'a', 1))
  const [cohort] = allAtOnce(join.takeMature(start + 5 * DAY))
  expect(cohort).toMatchObject({ due: 2, labelled: 1 })
  expect(early).toEqual([])
})

test('cohorts are kept apart by day and version, and judged once', () => {
  const { join } = joinOf()
  join.predicted({ ...predictionAt(start + 3, 'a'), version: 2 })
  join.predicted(predictionAt(start + DAY, 'b'))
  join.predicted(predictionAt(start + 2, 'c'))
  const taken = allAtOnce(join.takeMature(start + 20 * DAY))
  expect(taken.map(({ from, version }) => [(from - start) / DAY, version])).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
  ])
  join.predicted(predictionAt(start + 4, 'd'))
  join.outcome(outcomeAt(start + 4, 'd', 1))
  expect(join.late).toBe(2)
  expect(allAtOnce(join.takeMature(start + 30 * DAY))).toEqual([])
})

test('a correction changes the cohort as if only the corrected outcome had come, until it is judged', () => {
  const { join } = joinOf()
  const t = start + HOUR
  for (const key of ['a', 'b', 'c', 'd']) join.predicted(predictionAt(t, key))
  const first = (key: string) => outcomeAt(t, key, 0, { id: key })
  for (const key of ['a', 'b', 'c']) join.outcome(first(key))
  join.outcome(outcomeAt(t + HOUR, 'b', 1, { id: 'another' }))
  join.correct(first('a'), outcomeAt(t + 2 * HOUR, 'a', 1, { id: 'a' }))
  join.correct(first('b'), undefined)
  // The outcome was of another key, and comes back after it had been deleted.
  join.correct(first('c'), outcomeAt(t, 'd', 0, { id: 'c' }))
  join.correct(undefined, outcomeAt(t, 'c', 1, { id: 'e' }))
  const [cohort] = allAtOnce(join.takeMature(start + 5 * DAY))
  expect(cohort).toMatchObject({ due: 4, labelled: 4, labels: Float64Array.of(1, 1, 1, 0) })
  join.correct(first('c'), outcomeAt(start + 9 * DAY, 'c', 1, { id: 'c' }))
  expect(join.late).toBe(1)
})

test('cohorts that were judged before a restart are not judged again', () => {
  const { join } = joinOf({ judgedUntil: start + DAY })
  join.predicted(predictionAt(start, 'a'))
  join.predicted(predictionAt(start + DAY, 'b'))
  expect(allAtOnce(join.takeMature(start + 20 * DAY)).map(({ from }) => from)).toEqual([start + DAY])
})

test('outcomes that no prediction asked for are dropped a day after those of their time', () => {
  const { join } = joinOf()
  join.outcome(outcomeAt(start, 'a', 1))
  expect(join.nextMature).toBe(start + DAY + 38 * HOUR)
  allAtOnce(join.takeMature(join.nextMature))
  expect(join.nextMature).toBe(start + 2 * DAY + 38 * HOUR)
  allAtOnce(join.takeMature(join.nextMature))
  expect(join.nextMature).toBe(Number.POSITIVE_INFINITY)
})

test('with more keys than can be held a fair share is followed, labels included', () => {
  const { join } = joinOf({ mostHeld: 20_000 })
  for (let row = 0; row < 200_000; row++) {
    join.outcome(outcomeAt(start + row + 1, `key-${row}`, row % 4 === 0 ? 1 : 0))
    join.predicted(predictionAt(start + row, `key-${row}`, row / 200_000))
  }
  const [cohort] = allAtOnce(join.takeMature(start + 5 * DAY))
  expect(cohort!.predictions).toBe(200_000)
  expect(cohort!.followed).toBe(1 / 16)
  expect(cohort!.due).toBeGreaterThan(10_000)
  expect(cohort!.due).toBeLessThanOrEqual(20_000)
  expect(cohort!.labelled).toBe(cohort!.due)
  const positives = cohort!.labels.reduce((sum, label) => sum + label, 0) / cohort!.labels.length
  expect(positives).toBeCloseTo(0.25, 1)
  expect(cohort!.scores[0]).toBeLessThan(0.01)
})

test('the same keys are followed at each moment as when all others were looked through and forgotten at once', () => {
  const { join } = joinOf({ mostHeld: 5000 })
  const seen = new Map<number, readonly number[]>()
  for (let row = 0; row < 60_000; row++) {
    const day = row % 3
    join.outcome(outcomeAt(start + day * DAY + row + 1, `key-${row % 40_000}`, row % 2))
    join.predicted({ ...predictionAt(start + day * DAY + row, `key-${row}`, row), version: row % 2 })
    if (![15_000, 15_040, 59_999].includes(row)) continue
    const cohorts = allAtOnce(join.immature(start + 9 * DAY))
    const total = (figure: (cohort: Cohort) => number) => cohorts.reduce((sum, cohort) => sum + figure(cohort), 0)
    const ordered = ({ scores }: Cohort) => scores.reduce((sum, score, place) => sum + score * (1 + (place % 7)), 0)
    seen.set(row, [total(({ due }) => due), total(({ labelled }) => labelled), total(ordered)])
  }
  // What came of it when they were forgotten at once.
  expect(seen.get(15_000)).toEqual([7417, 7417, 223310715])
  expect(seen.get(15_040)).toEqual([7437, 7437, 224647700])
  expect(seen.get(59_999)).toEqual([7332, 4972, 397205933])
})

test('the join does not depend on the order in which predictions and outcomes come', () => {
  const time = fc.integer({ min: 0, max: 60 }).map((hours) => start + hours * HOUR)
  const key = fc.constantFrom('a', 'b', 'c')
  const prediction = fc.record({ t: time, labelKey: key })
  const outcome = fc.record({
    eventTime: time,
    labelKey: key,
    label: fc.constantFrom(0, 1),
    id: fc.constantFrom('x', 'y', 'z'),
  })
  const cases = fc.record({
    predictions: fc.uniqueArray(prediction, { maxLength: 12, selector: ({ t, labelKey }) => `${t}${labelKey}` }),
    outcomes: fc.uniqueArray(outcome, {
      maxLength: 12,
      selector: (item) => `${item.eventTime}${item.labelKey}${item.id}`,
    }),
    order: fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
  })
  fc.assert(
    fc.property(cases, ({ predictions, outcomes, order }) => {
      const within = 6 * HOUR
      const { join, early } = joinOf({ within })
      const steps = [
        ...predictions.map(
          ({ t, labelKey }) =>
            () =>
              join.predicted(predictionAt(t, labelKey)),
        ),
        ...outcomes.map((item) => () => join.outcome({ ...item, knownAt: item.eventTime })),
      ]
      const shuffled = steps.map((step, index) => ({ step, at: order[index]! })).sort((a, b) => a.at - b.at)
      for (const { step } of shuffled) step()
      const labels = allAtOnce(join.takeMature(start + 30 * DAY)).map((cohort) => [...cohort.labels].sort())
      const labelOf = (t: number, labelKey: string) =>
        outcomes
          .filter((item) => item.labelKey === labelKey && item.eventTime >= t && item.eventTime < t + within)
          .sort((a, b) => a.eventTime - b.eventTime || (a.id < b.id ? -1 : 1))[0]?.label
      const days = [0, 1, 2].map((day) => predictions.filter(({ t }) => Math.floor((t - start) / DAY) === day))
      const expected = days
        .filter((day) => day.length > 0)
        .map((day) =>
          day
            .map(({ t, labelKey }) => labelOf(t, labelKey))
            .filter((label) => label !== undefined)
            .sort(),
        )
      expect(labels).toEqual(expected)
      for (const { eventTime, t } of early) expect(eventTime).toBeLessThan(t)
    }),
    { numRuns: 300, seed: 5 },
  )
})

test('what comes between the steps of a look counts as what comes after it', () => {
  const hours = fc.integer({ min: 0, max: 100 })
  const key = fc.constantFrom('a', 'b', 'c', 'd')
  const outcome = fc.record({ hour: hours, key, label: fc.constantFrom(0, 1), id: fc.constantFrom('x', 'y') })
  const arrival = fc.oneof(
    fc.record({ prediction: fc.record({ hour: hours, key, version: fc.constantFrom(1, 2) }) }),
    fc.record({ outcome }),
    fc.record({ oldOf: fc.nat(), next: fc.option(outcome, { nil: undefined }) }),
  )
  const cases = fc.record({
    before: fc.array(arrival, { maxLength: 60 }),
    between: fc.array(fc.array(arrival, { maxLength: 4 }), { maxLength: 12 }),
    takes: fc.boolean(),
    hour: fc.integer({ min: 30, max: 110 }),
  })
  type Arrival = typeof arrival extends fc.Arbitrary<infer Value> ? Value : never

  function started() {
    const { join, early } = joinOf({ within: 30 * HOUR, absent: { value: 0 } })
    const outcomeOf = (given: { hour: number; key: string; label: number; id: string }) =>
      outcomeAt(start + given.hour * HOUR, given.key, given.label, { id: given.id })
    const given: Outcome[] = []
    let made = 0
    const take = (arrival: Arrival): void => {
      if ('outcome' in arrival) {
        given.push(outcomeOf(arrival.outcome))
        join.outcome(given.at(-1)!)
      } else if ('oldOf' in arrival) {
        const next = arrival.next && outcomeOf(arrival.next)
        join.correct(given[arrival.oldOf % given.length], next)
        if (next !== undefined) given.push(next)
      } else {
        const { hour, key, version } = arrival.prediction
        made += 1
        join.predicted({ ...predictionAt(start + hour * HOUR, key, made), version })
      }
    }
    return { join, early, take }
  }

  fc.assert(
    fc.property(cases, ({ before, between, takes, hour }) => {
      const whole = started()
      const sliced = started()
      for (const given of before) for (const { take } of [whole, sliced]) take(given)
      const now = start + hour * HOUR
      const look = ({ join }: typeof whole) => (takes ? join.takeMature(now) : join.immature(now))
      const seen = allAtOnce(look(whole))
      for (const given of between.flat()) whole.take(given)

      const steps = look(sliced)
      let step = steps.next()
      for (const arrivals of between) {
        for (const given of arrivals) sliced.take(given)
        if (step.done !== true) step = steps.next()
      }
      expect(step.done === true ? step.value : allAtOnce(steps)).toEqual(seen)
      expect(sliced.join.late).toBe(whole.join.late)
      const later = now + 3 * DAY
      for (const end of [later, start + 30 * DAY])
        expect(allAtOnce(sliced.join.takeMature(end))).toEqual(allAtOnce(whole.join.takeMature(end)))
      expect(sliced.early).toEqual(whole.early)
      expect(sliced.join.nextMature).toBe(whole.join.nextMature)
    }),
    { numRuns: 200, seed: 8 },
  )
})

test('an outcome that is corrected and then deleted during a look is gone after it, and seen by it as it was', () => {
  const { join } = joinOf()
  for (const key of ['a', 'b']) join.predicted(predictionAt(start, key))
  const first = outcomeAt(start, 'b', 0, { id: 'x' })
  join.outcome(first)
  const steps = join.immature(start + 9 * DAY)
  steps.next()
  join.correct(first, { ...first, label: 1 })
  join.correct({ ...first, label: 1 }, undefined)
  expect(allAtOnce(steps)).toMatchObject([{ labels: Float64Array.of(0) }])
  expect(allAtOnce(join.immature(start + 9 * DAY))).toMatchObject([{ labelled: 0 }])
})

test('fewer keys are followed when a look is done, and none that it needs is forgotten meanwhile', () => {
  const { join } = joinOf({ mostHeld: 100 })
  const add = (from: number, to: number): void => {
    for (let row = from; row < to; row++) {
      join.predicted(predictionAt(start + row, `key-${row}`, row))
      join.outcome(outcomeAt(start + row + 1, `key-${row}`, 1))
    }
  }
  add(0, 90)
  const steps = join.immature(start + 9 * DAY)
  steps.next()
  add(90, 150)
  expect(allAtOnce(steps)).toMatchObject([{ predictions: 90, followed: 1, due: 90, labelled: 90 }])
  const [after] = allAtOnce(join.immature(start + 9 * DAY))
  expect(after).toMatchObject({ predictions: 150, followed: 0.5, labelled: after!.due })
  expect(after!.due).toBeLessThanOrEqual(100)
})
