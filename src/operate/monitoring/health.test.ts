import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../core/time.ts'
import { readHealth } from './health.ts'
import { simulatedReference, simulationStart, startSimulation } from './simulated-model.ts'

const ROWS = 1200
const reference = simulatedReference(ROWS, 1)

test('a model that serves is described by what was kept and what is being counted', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 6)
  await simulation.play(6, 10, { shift: 1 })
  const now = simulationStart + 10 * DAY + 30
  simulation.monitor.observe(Float64Array.of(0, 0, 0, 0, 0, 0), now, 0.5, 2000)
  const health = await readHealth(simulation.metadata, simulation.monitor, {
    model: 'late_flight',
    now,
    from: simulationStart,
    features: 2,
  })
  expect(health).toMatchObject({
    health: 'ok',
    version: 7,
    from: simulationStart,
    to: now,
    expected: { metric: 'auc' },
  })
  expect(health.sentence).toMatch(
    /^late_flight v7 is healthy: .*, AUC \.\d{3} on outcomes until Monday \(100% of labels in\)\. distance has drifted since Sunday; accuracy is not affected\.$/,
  )
  // Ten days are shown by the day, with the one that is being counted.
  expect(health.service.map(({ n }) => n)).toEqual([...new Array(10).fill(ROWS), 1])
  expect(health.prediction).toHaveLength(11)
  expect(health.prediction[0]!.q10).toBeLessThan(health.prediction[0]!.q50)
  expect(health.prediction[0]!.q50).toBeLessThan(health.prediction[0]!.q90)
  expect(health.prediction.at(-1)).toMatchObject({ n: 1, to: now, drift: { verdict: 'insufficient' } })
  expect(health.outcome.map(({ mature }) => mature)).toEqual([...new Array(8).fill(true), false, false])
  expect(health.features).toMatchObject({ total: 6, offset: 0 })
  const [worst, next] = health.features.strips
  expect(worst).toMatchObject({ feature: 'distance', importance: 0.15, verdict: 'drifted' })
  expect(worst!.points.map(({ verdict }) => verdict)).toEqual([
    ...new Array(6).fill('stable'),
    ...new Array(4).fill('drifted'),
    'insufficient',
  ])
  expect(next).toMatchObject({ feature: 'mean_1h', verdict: 'stable' })
  expect(health.alerts.map(({ kind }) => kind)).toEqual(['data_drift'])
})

test('features come in pages, and a short range is shown by the hour', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 3)
  const query = { model: 'late_flight', now: simulationStart + 3 * DAY, from: simulationStart + 2 * DAY }
  const health = await readHealth(simulation.metadata, simulation.monitor, { ...query, features: 4, offset: 4 })
  expect(health.features.strips.map(({ feature }) => feature)).toEqual(['count_24h', 'hour'])
  expect(health.features.strips[0]!.points).toHaveLength(1)
  expect(health.service).toHaveLength(24)
  expect(health.service[0]).toMatchObject({ from: query.from, to: query.from + HOUR, version: 7, errors: 0 })
  const past = await readHealth(simulation.metadata, simulation.monitor, { ...query, to: simulationStart + 2.5 * DAY })
  expect(past.service).toHaveLength(12)
  expect(past.outcome.every(({ from }) => from >= query.from)).toBe(true)
})

test('what is shown unless told begins with the day of which something is known first', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const startAt = async (days: number, all = false) =>
    ((
      await readHealth(simulation.metadata, simulation.monitor, {
        ...{ model: 'late_flight', now: simulationStart + days * DAY, all },
      })
    ).from -
      simulationStart) /
    DAY
  expect(await startAt(0.1)).toBeCloseTo(-0.9, 9)
  await simulation.play(0, 3)
  expect(await startAt(3)).toBe(0)
  expect(await startAt(29)).toBe(0)
  expect(await startAt(31)).toBe(1)
  expect(await startAt(31, true)).toBe(0)
})

test('alerts that were resolved before the range are left out', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 3, { shift: 1 })
  await simulation.play(3, 8)
  const { metadata, monitor } = simulation
  const now = simulationStart + 8 * DAY
  const alerts = async (from: number) =>
    (await readHealth(metadata, monitor, { model: 'late_flight', now, from })).alerts
  expect(await alerts(simulationStart)).toHaveLength(1)
  expect(await alerts(simulationStart + 7 * DAY)).toHaveLength(0)
})

test('a model that does not serve says so', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const health = await readHealth(simulation.metadata, undefined, { model: 'other', now: simulationStart })
  expect(health).toMatchObject({
    health: 'not_enough_data',
    service: [],
    outcome: [],
    features: { total: 0, strips: [] },
  })
  expect(health.sentence).toMatch(/^other serves nothing yet/)
  expect(health.version).toBeUndefined()
})
