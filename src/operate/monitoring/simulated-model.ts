import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../core/clock.ts'
import { seededRandom } from '../../core/random.ts'
import { createSlices } from '../../core/slices.ts'
import { DAY, HOUR } from '../../core/time.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { type Metadata, openMetadata } from '../../stores/metadata/metadata.ts'
import { type AlertDesk, type AlertNotice, createAlertDesk } from './alert-desk.ts'
import type { AlertKind } from './alert-kinds.ts'
import type { EarlyOutcome } from './label-join.ts'
import { createModelMonitor, type ModelMonitor, type Past, type PastPrediction } from './model-monitor.ts'
import type { CohortPoint } from './outcome-watch.ts'
import { buildReference, type MonitoringReference } from './reference.ts'

/** A model in production on simulated data, for the tests of this folder. */
export const simulatedModel: ModelDefinition = {
  kind: 'model',
  name: 'late_flight',
  predicts: 'probability of a late arrival',
  task: 'binary',
  at: 'departures',
  servingLag: 0,
  features: [],
  label: {
    from: 'arrivals',
    expression: { kind: 'column', name: 'late' },
    type: 'bool',
    on: { flight: 'flight' },
    within: 36 * HOUR,
    grace: 12 * HOUR,
    absent: 'exclude',
  },
  split: { kind: 'time', train: 21 * DAY, validate: 5 * DAY, test: 5 * DAY },
  trainer: { kind: 'gbdt', parameters: {} },
  gate: { metric: 'auc', baseline: 'without_windows', champion: { margin: 0.002 }, segments: [] },
  serve: { modes: ['realtime'], slo: { p99: 20_000, availability: 0.999 }, log: 'group' },
  monitor: { psi: 0.1, alpha: 0.05, minimum: 200, performanceDrop: 0.03 },
  retrain: { approval: 'ask' },
  card: {},
}

/** 1 January 2001, a Monday. */
export const simulationStart = 11_323 * DAY

const featureNames = ['mean_1h', 'mean_3h', 'share_3h', 'count_24h', 'distance', 'hour'] as const

/** What differs from the world of training. */
export interface Disturbance {
  /** Added to `distance`, in standard deviations. */
  readonly shift?: number
  /** Share of `mean_1h` that is missing, besides the usual 2%. */
  readonly missing?: number
  /** Labels that have nothing to do with the inputs any more. */
  readonly randomLabels?: boolean
  /** Share of outcomes that never come. */
  readonly lostOutcomes?: number
  /** Share of answers that are slow. */
  readonly slow?: number
}

interface SimulatedRow {
  readonly t: number
  readonly values: Float64Array
  readonly score: number
  readonly label: number
  readonly arrival: number
  readonly latency: number
  readonly lost: boolean
}

/** Rows of a day: three inputs share that day's weather, so rows of one day depend on each other. */
export function simulateDay(day: number, rows: number, seed: number, disturbance: Disturbance = {}): SimulatedRow[] {
  const random = seededRandom(seed * 7919 + day)
  const { shift = 0, missing = 0, randomLabels = false, lostOutcomes = 0, slow = 0.002 } = disturbance
  const weather = normal(random.next) * 0.5
  return Array.from({ length: rows }, (_, index) => {
    const t = simulationStart + day * DAY + Math.floor(((index + random.next()) / rows) * DAY)
    const delay = weather + normal(random.next)
    const values = Float64Array.of(
      random.next() < 0.02 + missing ? Number.NaN : delay + 0.3 * normal(random.next),
      delay + 0.2 * normal(random.next),
      Math.max(0, delay),
      Math.floor(random.next() * 40),
      normal(random.next) + shift,
      Math.floor(((t / HOUR) % 24) as number),
    )
    const chance = 1 / (1 + Math.exp(1.2 - 1.3 * delay))
    const label = random.next() < (randomLabels ? 0.27 : chance) ? 1 : 0
    const latency = random.next() < slow ? 50_000 : 2000 + 1000 * random.next()
    const arrival = t + HOUR + Math.floor(random.next() * 6 * HOUR)
    return { t, values, score: chance, label, arrival, latency, lost: random.next() < lostOutcomes }
  })
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
}

/** A reference of thirty days before the start, the last eight of them held out. */
export function simulatedReference(rows: number, seed: number): MonitoringReference {
  const days = Array.from({ length: 30 }, (_, index) => simulateDay(index - 30, rows, seed))
  const train = days.slice(0, 22).flat()
  const held = days.slice(22).flat()
  const column = (position: number): Float64Array => Float64Array.from(train, ({ values }) => values[position]!)
  const importances = [0.4, 0.2, 0.1, 0.1, 0.15, 0.05]
  return buildReference({
    task: 'binary',
    features: featureNames.map((name, index) => ({ name, importance: importances[index]!, values: column(index) })),
    times: Float64Array.from(train, ({ t }) => t),
    heldOut: {
      scores: Float64Array.from(held, ({ score }) => score),
      labels: Float64Array.from(held, ({ label }) => label),
      times: Float64Array.from(held, ({ t }) => t),
    },
    labelCoverage: 1,
  })
}

/** Sends of a desk, with the virtual time of each. */
export interface Notice {
  readonly day: number
  readonly event: AlertNotice['event']
  readonly kind: string
  readonly feature: string | undefined
  readonly title: string
}

/** A monitor on a virtual clock over a metadata store in a temporary folder. */
export interface Simulation {
  readonly clock: VirtualClock
  readonly metadata: Metadata
  readonly desk: AlertDesk
  readonly notices: Notice[]
  readonly early: EarlyOutcome[]
  readonly lost: CohortPoint[]
  monitor: ModelMonitor
  /** Plays days [from, to): predictions as they are made, outcomes as they become known; `noon` is called in mid-day. */
  play(from: number, to: number, disturbance?: Disturbance, noon?: () => Promise<void>): Promise<void>
  /**
   * Forgets the monitor, as a crash would, and starts another on the same store and logs.
   * @param until what came before is read back only then, beside what goes on
   * @param what is read back: all unless given
   * @returns resolves at once with what resolves when it is read back
   */
  restart(until?: Promise<void>, what?: 'recover' | 'recoverHour'): Promise<{ readonly readBack: Promise<void> }>
  [Symbol.asyncDispose](): Promise<void>
}

export async function startSimulation(
  rows: number,
  seed: number,
  reference: MonitoringReference,
  isTold: (kind: AlertKind) => boolean = () => false,
): Promise<Simulation> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-monitor-'))
  const clock = virtualClock(simulationStart)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const notices: Notice[] = []
  const early: EarlyOutcome[] = []
  const lost: CohortPoint[] = []
  const silent = { error() {}, warn() {}, info() {} }
  const desk = createAlertDesk(metadata, silent, ({ event, alert: { kind, feature, title } }) => {
    notices.push({ day: (clock.now() - simulationStart) / DAY, event, kind, feature, title })
  })
  const made: PastPrediction[] = []
  const known: { readonly at: number; readonly labelKey: string; readonly label: number }[] = []
  let waiting: SimulatedRow[] = []
  const slices = createSlices(clock)
  const create = () =>
    createModelMonitor({
      definition: simulatedModel,
      ...{ version: 7, reference, clock, slices, metadata, desk, isTold },
      deadLetter: (outcome) => early.push(outcome),
      lost: (cohort) => lost.push(cohort),
    })
  const keyOf = ({ t }: SimulatedRow): string => `flight-${t}`
  const simulation: Simulation = {
    ...{ clock, metadata, desk, notices, early, lost },
    monitor: await create(),
    async play(from, to, disturbance, noon) {
      for (let day = from; day < to; day++) {
        const today = simulateDay(day, rows, seed, disturbance)
        const steps = [
          ...today.map((row) => ({ at: row.t, row, arrives: false })),
          ...waiting.concat(today).map((row) => ({ at: row.arrival, row, arrives: true })),
        ].filter(({ at }) => at < simulationStart + (day + 1) * DAY)
        waiting = waiting.concat(today).filter(({ arrival }) => arrival >= simulationStart + (day + 1) * DAY)
        steps.sort((a, b) => a.at - b.at)
        for (const [index, { at, row, arrives }] of steps.entries()) {
          if (index === Math.floor(steps.length / 2)) await noon?.()
          clock.advanceTo(at)
          if (simulation.monitor.due <= at) await simulation.monitor.advance(at)
          if (arrives) {
            if (row.lost) continue
            known.push({ at, labelKey: keyOf(row), label: row.label })
            simulation.monitor.outcome({ next: { labelKey: keyOf(row), eventTime: at, label: row.label, knownAt: at } })
          } else {
            const { t, values, score, latency } = row
            const prediction = { predictionId: `p-${t}`, labelKey: keyOf(row), t, score, version: 7 }
            made.push({ ...prediction, values: () => values, at, latency })
            simulation.monitor.observe(values, at, score, latency)
            simulation.monitor.predicted(prediction)
          }
        }
        clock.advanceTo(simulationStart + (day + 1) * DAY)
        await simulation.monitor.advance(clock.now())
      }
    },
    async restart(until = Promise.resolve(), what = 'recover') {
      simulation.monitor = await create()
      const before = made.slice()
      const knownBefore = known.slice()
      const past: Past = {
        async answers({ from, latenciesFrom }, tell) {
          for (const { at, latency } of before) if (at >= from) tell(at, 1, at >= latenciesFrom ? latency : undefined)
        },
        isAsked: async (from, to) => before.some(({ t }) => t >= from && t < to),
        async *predictions(from) {
          await until
          yield before.filter(({ t, at }) => t >= from || at >= from)
        },
        async *outcomes(from) {
          const later = knownBefore.filter(({ at }) => at >= from)
          yield later.map(({ at, labelKey, label }) => ({ next: { labelKey, label, eventTime: at, knownAt: at } }))
        },
      }
      return { readBack: simulation.monitor[what](past) }
    },
    async [Symbol.asyncDispose]() {
      await simulation.monitor.close()
      await metadata.close()
      await folder.remove()
    },
  }
  return simulation
}
