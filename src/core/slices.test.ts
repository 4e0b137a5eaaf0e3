import { expect, test } from 'vitest'
import { atOnceOrInSlices, createSlices, type Steps } from './slices.ts'

test('in a turn of the event loop one piece of work does one slice, each in its turn', async () => {
  const clock = { time: 0, elapsed: () => clock.time }
  const slices = createSlices(clock)
  const done: string[] = []
  let turns = 0
  let isCounting = true
  const count = (): void => {
    turns += 1
    if (isCounting) setImmediate(count)
  }
  setImmediate(count)
  const work = async (name: string): Promise<void> => {
    const own = slices.begin()
    await own.next()
    for (let step = 0; step < 6; step += 1) {
      if (own.isOver()) await own.next()
      done.push(`${name}${turns}`)
      clock.time += 1000
    }
  }
  await Promise.all([work('a'), work('b'), work('c')])
  isCounting = false
  expect(done).toHaveLength(18)
  // Two steps of 1 ms fit into a slice; no turn has slices of two pieces of work.
  const byTurn = Map.groupBy(done, (step) => step.slice(1))
  for (const steps of byTurn.values()) {
    expect(new Set(steps).size).toBe(1)
    expect(steps.length).toBeLessThanOrEqual(2)
  }
})

test('steps that are done within a slice are done at once, and others are gone on with in later turns', async () => {
  const clock = { time: 0, elapsed: () => clock.time }
  const slices = createSlices(clock)
  const turnsOfSteps: number[] = []
  let turns = 0
  function* work(steps: number): Steps<string> {
    for (let step = 0; step < steps; step += 1) {
      clock.time += 1000
      turnsOfSteps.push(turns)
      yield
    }
    return 'done'
  }
  expect(atOnceOrInSlices(work(1), slices)).toBe('done')
  turnsOfSteps.length = 0
  const count = (): void => {
    turns += 1
    if (turns < 10) setImmediate(count)
  }
  const late = atOnceOrInSlices(work(6), slices)
  count()
  expect(late).toBeInstanceOf(Promise)
  expect(await late).toBe('done')
  expect(turnsOfSteps.slice(0, 2)).toEqual([0, 0])
  expect(new Set(turnsOfSteps).size).toBe(3)
})
