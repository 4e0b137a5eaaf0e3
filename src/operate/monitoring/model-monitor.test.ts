import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSlices } from '../../core/slices.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts'
import { countAlerts, listAlerts } from './alert-store.ts'
import { createModelMonitor } from './model-monitor.ts'
import { describeModel } from './sentences.ts'
import {
  type Notice,
  type Simulation,
  simulatedModel,
  simulatedReference,
  simulationStart,
  startSimulation,
} from './simulated-model.ts'
import { listWindows, type MonitorKind } from './window-store.ts'

const ROWS = 1200
const reference = simulatedReference(ROWS, 1)

const short = ({ event, kind, feature }: Notice): string => [event, kind, feature].filter(Boolean).join(' ')

/** What a simulation has kept: of inputs, of scores and of outcomes. */
const keptOf = ({ metadata }: Simulation) =>
  Promise.all(
    (['data', 'prediction', 'outcome'] as const).map(
      async (kind) => (await listWindows(metadata, { model: 'late_flight', kind, limit: 10_000 })).items,
    ),
  )

const rounded = (kept: unknown): unknown =>
  JSON.parse(JSON.stringify(kept, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)))

test('sixty days in which nothing changes but the weather raise no alert', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 60)
  expect(simulation.notices).toEqual([])
  const count = async (kind: MonitorKind) =>
    (await listWindows(simulation.metadata, { model: 'late_flight', kind, limit: 10_000 })).items.length
  expect(await count('data')).toBe(60 * 6)
  expect(await count('prediction')).toBe(60)
  expect(await count('service')).toBe(60 * 25)
  expect(await count('outcome')).toBe(58)
})

test('an input that shifts is found within two days and named; it resolves when it is back', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 10)
  await simulation.play(10, 16, { shift: 1 })
  expect(simulation.notices.map(short)).toEqual(['opened data_drift'])
  expect(simulation.notices[0]!.day).toBeLessThanOrEqual(12)
  expect(simulation.notices[0]!.title).toMatch(
    /^late_flight v7: distance drifted since 2001-01-11 \(PSI \d\.\d\d, usually 0\.0\d; 15% of the model's gain\)\.$/,
  )
  await simulation.play(16, 20)
  expect(simulation.notices.map(short)).toEqual(['opened data_drift', 'resolved data_drift'])
  const [alert] = (await listAlerts(simulation.metadata)).items
  expect(alert).toMatchObject({ severity: 'ticket', n: ROWS, runbook: 'docs/runbooks/data_drift.md' })
})

test('one odd day changes nothing', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 5)
  await simulation.play(5, 6, { shift: 2, missing: 0.5, randomLabels: true })
  await simulation.play(6, 14)
  expect(simulation.notices).toEqual([])
})

test('an input that goes missing is one alert, and not a second one for drift', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 4)
  await simulation.play(4, 7, { missing: 0.6 })
  expect(simulation.notices.map(short)).toEqual(['opened missing_values'])
  expect(simulation.notices[0]!.title).toMatch(
    /^late_flight v7: mean_1h is missing in 6\d% of predictions since 2001-01-05 \(usually \d\.\d%\)\.$/,
  )
})

test('a model that stops being right pages, but only once labels are mature', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 6)
  await simulation.play(6, 12, { randomLabels: true })
  expect(simulation.notices.map(short)).toEqual(['opened performance_drop'])
  const [page] = simulation.notices
  // Two bad cohorts, those of days 6 and 7, are needed; the second matures two days after it ended.
  expect(page!.day).toBe(10)
  expect(page!.title).toMatch(
    /^late_flight v7: AUC \.\d{3} \(\.\d{3} to \.\d{3}\) over 3 days of mature outcomes until 2001-01-08;/,
  )
})

test('outcomes that stop coming are a ticket about coverage', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 3)
  await simulation.play(3, 9, { lostOutcomes: 0.4 })
  expect(simulation.notices.map(short)).toEqual(['opened label_coverage'])
})

test('slow answers page within minutes and resolve when they are fast again', async () => {
  await using simulation = await startSimulation(12_000, 1, reference)
  await simulation.play(0, 1, { slow: 0.08 })
  const page = simulation.notices.find(({ kind }) => kind === 'latency_slo')
  expect(page!.day).toBeLessThan(0.5 / 24)
  expect(page!.title).toMatch(/ answers in the last hour took longer than 20 ms; 1% may\.$/)
  await simulation.play(1, 2)
  expect(simulation.notices.filter(({ kind }) => kind === 'latency_slo').map(short)).toEqual([
    'opened latency_slo',
    'resolved latency_slo',
  ])
})

test('what another alert tells of is no second one, and one that is open gives way to it', async () => {
  let isTold = true
  await using simulation = await startSimulation(12_000, 1, reference, (kind) => isTold && kind === 'latency_slo')
  const told = () => simulation.notices.filter(({ kind }) => kind === 'latency_slo').map(short)
  await simulation.play(0, 1, { slow: 0.08 })
  expect(told()).toEqual([])
  isTold = false
  await simulation.play(1, 2, { slow: 0.08 })
  expect(told()).toEqual(['opened latency_slo'])
  isTold = true
  await simulation.play(2, 3, { slow: 0.08 })
  expect(told()).toEqual(['opened latency_slo', 'resolved latency_slo'])
})

test('another version starts with a clean slate', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 4, { shift: 1 })
  expect(await countAlerts(simulation.metadata, { state: 'open' })).toBe(1)
  expect(simulation.monitor.state(simulation.clock.now())).toMatchObject({ p99: expect.any(Number) })
  simulation.monitor.serve(8, reference)
  await simulation.monitor.advance(simulation.clock.now())
  expect(simulation.notices.map(short)).toEqual(['opened data_drift', 'resolved data_drift'])
  expect(simulation.monitor.state(simulation.clock.now())).toMatchObject({
    ...{ version: 8, open: [], lastHour: 0, perMinute: 0, p99: undefined },
  })
})

test('answers of the last hour are counted again after a restart, and what was refused is none', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 1)
  const lastHour = () => simulation.monitor.state(simulation.clock.now()).lastHour
  const before = lastHour()
  expect(before).toBeGreaterThan(10)
  simulation.monitor.observe(new Float64Array(0), simulation.clock.now(), Number.NaN, 0, true)
  expect(lastHour()).toBe(before)
  for (const what of ['recover', 'recoverHour'] as const) {
    await (await simulation.restart(undefined, what)).readBack
    expect(lastHour()).toBe(before)
  }
})

test('a restart changes no window, no cohort and no alert', async () => {
  await using steady = await startSimulation(ROWS, 1, reference)
  await using broken = await startSimulation(ROWS, 1, reference)
  for (const simulation of [steady, broken]) {
    const restart = async (): Promise<void> => {
      if (simulation === broken) await (await simulation.restart()).readBack
    }
    await simulation.play(0, 5)
    await simulation.play(5, 12, { shift: 1, randomLabels: true }, restart)
  }
  expect(broken.notices).toEqual(steady.notices)
  expect(steady.notices.map(short)).toContain('opened performance_drop')
  expect(await keptOf(broken)).toEqual(await keptOf(steady))
})

test('what goes on for days while the past is read back changes no window and no cohort', async () => {
  await using steady = await startSimulation(ROWS, 1, reference)
  await using broken = await startSimulation(ROWS, 1, reference)
  await steady.play(0, 11)
  await broken.play(0, 5)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  let readBack: Promise<void> | undefined
  await broken.play(5, 6, undefined, async () => {
    readBack = (await broken.restart(gate)).readBack
  })
  const before = (await keptOf(broken)).map(({ length }) => length)
  await broken.play(6, 8)
  expect((await keptOf(broken)).map(({ length }) => length)).toEqual(before)
  expect(broken.monitor.state(broken.clock.now()).isReadingBack).toBe(true)
  expect(broken.monitor.due).toBe(Number.POSITIVE_INFINITY)
  open()
  await readBack
  expect(broken.monitor.state(broken.clock.now()).isReadingBack).toBe(false)
  await broken.play(8, 11)
  const kept = await keptOf(broken)
  expect(kept.map(({ length }) => length)).not.toContain(0)
  // What came before is counted last, so that sums differ in their last digits.
  expect(rounded(kept)).toEqual(rounded(await keptOf(steady)))
})

test('a prediction of before a restart whose label key is null counts, and waits for no outcome', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const now = simulation.clock.now()
  const row = { predictionId: 'p-1', labelKey: undefined, t: now, score: 0.4, version: 7, at: now, latency: 2000 }
  await simulation.monitor.recover({
    async answers(_, tell) {
      tell(now, 1, 2000)
    },
    isAsked: async () => true,
    async *predictions() {
      yield [{ ...row, values: () => new Float64Array(6) }]
    },
    async *outcomes() {},
  })
  const { window, outcomes } = await simulation.monitor.present(now)
  expect([window.service.n, window.predictions?.n, outcomes]).toEqual([1, 1, []])
  expect(simulation.monitor.state(now).lastHour).toBe(1)
})

test('a past that cannot be read is told whenever the model is to be judged, and nothing is', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 2)
  const { readBack } = await simulation.restart(Promise.reject(new Error('the file is cut')))
  await expect(readBack).rejects.toThrow('the file is cut')
  const before = await keptOf(simulation)
  const { monitor, clock } = simulation
  clock.advanceTo(clock.now() + 5 * DAY)
  expect(monitor.due).toBe(0)
  for (let time = 0; time < 2; time += 1) await expect(monitor.advance(clock.now())).rejects.toThrow('the file is cut')
  expect(monitor.state(clock.now()).isReadingBack).toBe(false)
  expect(await keptOf(simulation)).toEqual(before)
})

test('a monitor that is closed leaves off reading back', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 2)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { readBack } = await simulation.restart(gate)
  const closed = simulation.monitor.close()
  open()
  await Promise.all([closed, readBack])
  // It had only begun, so nothing may be judged.
  expect(simulation.monitor.due).toBe(Number.POSITIVE_INFINITY)
})

test('a prediction about long ago does not stand for the outcomes of the present ones', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const { monitor, clock } = simulation
  const t = Date.UTC(1988) * 1000
  monitor.predicted({ ...{ predictionId: 'p0-0', labelKey: 'odd', score: 0.5, version: 7 }, t })
  await monitor.advance(clock.now())
  expect(monitor.state(clock.now()).lastOutcome).toMatchObject({ until: t + DAY, point: { predictions: 1 } })
  await simulation.play(0, 1)
  expect(monitor.state(clock.now()).lastOutcome).toBeUndefined()
  for (const what of ['recoverHour', 'recover'] as const) {
    await (await simulation.restart(undefined, what)).readBack
    expect(simulation.monitor.state(clock.now()).lastOutcome).toBeUndefined()
  }
  await simulation.play(1, 4)
  expect(simulation.monitor.state(clock.now()).lastOutcome!.until).toBeGreaterThan(simulationStart)
})

test('what is being counted can be seen, and is judged insufficient', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 2)
  const now = simulationStart + 2 * DAY
  const values = Float64Array.of(Number.NaN, 0, 0, 20, 0, 1)
  simulation.monitor.observe(values, now + 1, 0.4, 3000)
  simulation.monitor.observe(values, now + 2, Number.NaN, 3000, true)
  const present = await simulation.monitor.present(now + 10)
  expect(present.hour.service).toMatchObject({ n: 2, errors: 1 })
  expect(present.prediction).toMatchObject({ n: 1, mean: 0.4, drift: { verdict: 'insufficient' } })
  expect(present.features[0]).toMatchObject({ n: 1, missing: 1, verdict: 'insufficient' })
  expect(present.outcomes.map(({ predictions, mature }) => ({ predictions, mature }))).toEqual([
    { predictions: ROWS, mature: false },
    { predictions: ROWS, mature: false },
  ])
})

test('an absent outcome that is none of the classes labels nothing', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const { clock, metadata, desk } = simulation
  const { label } = simulatedModel
  const ofClasses = {
    ...label,
    type: 'string',
    classes: ['late', 'early', 'on time'],
    absent: { value: 'none' },
  } as const
  const monitor = await createModelMonitor({
    definition: { ...simulatedModel, task: 'multiclass', label: ofClasses },
    ...{
      version: 7,
      reference,
      clock,
      slices: createSlices(clock),
      metadata,
      desk,
      deadLetter: () => {},
      lost: () => {},
    },
  })
  const probabilities = Float64Array.of(0.5, 0.3, 0.2)
  for (let hour = 1; hour < 5; hour += 1)
    monitor.predicted({
      ...{ predictionId: `p${hour}`, labelKey: `k${hour}`, t: simulationStart + hour * HOUR },
      ...{ score: 0.5, probabilities, version: 7 },
    })
  monitor.outcome({
    next: { labelKey: 'k1', eventTime: simulationStart + 2 * HOUR, label: 2, knownAt: simulationStart },
  })
  clock.advanceTo(simulationStart + 20 * DAY)
  await monitor.advance(clock.now())
  const { items } = await listWindows(metadata, { model: 'late_flight', kind: 'outcome', limit: 10 })
  expect(items.map(({ payload }) => payload)).toMatchObject([{ predictions: 4, labelled: 1, known: 1 }])
})

test('what comes while cohorts are judged counts once, and closing waits for them', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  await simulation.play(0, 2)
  const { monitor, metadata } = simulation
  const t = simulationStart + 2 * DAY
  const now = simulationStart + 3 * DAY
  const advanced = monitor.advance(now)
  const shown = monitor.present(now)
  monitor.predicted({ predictionId: 'p', labelKey: 'next', t, score: 0.5, version: 7 })
  await monitor.close()
  const { items } = await listWindows(metadata, { model: 'late_flight', kind: 'outcome', limit: 10 })
  expect(items).toMatchObject([{ start: simulationStart, payload: { predictions: ROWS, mature: true } }])
  expect((await shown).outcomes.map(({ from, predictions }) => [(from - simulationStart) / DAY, predictions])).toEqual([
    [1, ROWS],
    [2, 1],
  ])
  await advanced
  monitor.outcome({ next: { labelKey: 'late', eventTime: t - 1.5 * DAY, label: 1, knownAt: now } })
  expect(monitor.state(now).late).toBe(1)
})

/** A day of predictions of which each has its outcome an hour later, so many that a thread measures them. */
function fillDay({ monitor }: Simulation): void {
  for (let row = 0; row < 6000; row++) {
    const t = simulationStart + row * SECOND
    const labelKey = `k${row}`
    monitor.predicted({ predictionId: `p${row}`, labelKey, t, score: (row % 100) / 100, version: 7 })
    monitor.outcome({ next: { labelKey, eventTime: t + HOUR, label: Number(row % 100 > 60), knownAt: t + HOUR } })
  }
}

async function outcomesOf({ metadata }: Simulation): Promise<readonly unknown[]> {
  return (await listWindows(metadata, { model: 'late_flight', kind: 'outcome', limit: 10 })).items
}

const threads: Worker[] = []
const note = (thread: Worker): void => void threads.push(thread)
beforeAll(() => void process.on('worker', note))
afterAll(() => void process.off('worker', note))

/** One of before may wait for more. */
async function endThreads(): Promise<void> {
  for (const thread of threads) await thread.terminate()
}

test('a cohort whose thread dies is measured again a minute later, and nothing is missing of it', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const { monitor, clock } = simulation
  fillDay(simulation)
  await endThreads()
  const now = simulationStart + 9 * DAY
  clock.advanceTo(now)
  process.once('worker', (worker) => void worker.terminate())
  await expect(monitor.advance(now)).rejects.toMatchObject({
    code: 'measuring_failed',
    message: expect.stringMatching(/^The outcomes of 6,000 predictions are measured again at 2001-01-10T00:01:00/),
  })
  expect(await outcomesOf(simulation)).toEqual([])
  expect(monitor.due).toBe(now + MINUTE)
  await monitor.advance(now + MINUTE)
  expect(await outcomesOf(simulation)).toMatchObject([{ payload: { predictions: 6000, labelled: 6000, n: 6000 } }])
  expect(monitor.state(now)).toMatchObject({ unjudged: 0, lastOutcome: { point: { metric: { value: 1 } } } })
  expect(monitor.due).toBeGreaterThan(now + MINUTE)
})

test('a cohort that no thread can measure is given up in the end: kept with its count and cause, and told', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const { monitor, clock } = simulation
  fillDay(simulation)
  await endThreads()
  const ends = (worker: Worker): void => void worker.terminate()
  process.on('worker', ends)
  clock.advanceTo(simulationStart + 9 * DAY)
  for (let tries = 1; tries < 6; tries++) {
    await expect(monitor.advance(clock.now())).rejects.toMatchObject({ code: 'measuring_failed' })
    clock.advanceTo(monitor.due)
  }
  await monitor.advance(clock.now())
  process.off('worker', ends)
  expect(clock.now()).toBe(simulationStart + 9 * DAY + 31 * MINUTE)
  const fault = 'The thread that measures outcomes failed: it ended before it had answered.'
  const point = { predictions: 6000, labelled: 6000, n: 0, fault }
  expect(await outcomesOf(simulation)).toMatchObject([{ start: simulationStart, payload: point }])
  expect(simulation.lost).toMatchObject([{ version: 7, from: simulationStart, ...point }])
  const state = monitor.state(clock.now())
  expect(state).toMatchObject({ unjudged: 6000, lastOutcome: { point } })
  const summary = { name: 'late_flight', now: clock.now(), state, alerts: [] }
  expect(describeModel(summary)).toMatch(
    /^late_flight v7 needs a look: it could not be judged: the outcomes of 6,000 predictions until 1 January are lost: The thread .* answered\. /,
  )
})

test('a cohort whose labels make no sense is lost alone, and those beside it are judged', async () => {
  await using simulation = await startSimulation(ROWS, 1, reference)
  const { clock, metadata, desk, lost } = simulation
  const classes = ['late', 'early', 'on time']
  const label = { ...simulatedModel.label, type: 'string', classes } as const
  const monitor = await createModelMonitor({
    definition: { ...simulatedModel, task: 'multiclass', label },
    ...{ version: 7, reference, clock, slices: createSlices(clock), metadata, desk, deadLetter: () => {} },
    lost: (cohort) => lost.push(cohort),
  })
  const probabilities = Float64Array.of(0.5, 0.3, 0.2)
  for (const day of [0, 1]) {
    const t = simulationStart + day * DAY
    monitor.predicted({ predictionId: `p${day}`, labelKey: `k${day}`, t, score: 0.5, probabilities, version: 7 })
    monitor.outcome({ next: { labelKey: `k${day}`, eventTime: t + HOUR, label: day === 0 ? 7 : 1, knownAt: t + HOUR } })
  }
  clock.advanceTo(simulationStart + 20 * DAY)
  await monitor.advance(clock.now())
  const { items } = await listWindows(metadata, { model: 'late_flight', kind: 'outcome', limit: 10 })
  expect(items.map(({ payload }) => payload)).toMatchObject([
    { predictions: 1, labelled: 1, n: 0, fault: expect.stringContaining('Label 0 is 7') },
    { predictions: 1, labelled: 1, n: 1 },
  ])
  expect(lost).toMatchObject([{ from: simulationStart, predictions: 1 }])
})
