import { TruelineError } from '../../../core/errors.ts'
import { workerUrl } from '../../../core/worker-url.ts'
import { isSustained, keptSchedule } from '../../../operate/readiness/judge-load.ts'
import type {
  ClientFigures,
  LoadSettings,
  LoadStep,
  LoadTest,
  ServerFigures,
} from '../../../operate/readiness/load-test.ts'
import type { ServerLoad } from '../../api/load-test-answers.ts'
import { runChild } from '../run-child.ts'
import type { OpenLoad } from './open-load.ts'

/** What is put under load, and how. */
export interface LoadPlan {
  readonly url: string
  readonly model: string
  /** Of the load test that was begun. */
  readonly token: string
  readonly rows: readonly unknown[]
  readonly settings: LoadSettings
  readonly slo?: NonNullable<LoadTest['slo']>
  /** What the server uses, asked for before, while and after. */
  readonly observe: () => Promise<ServerLoad>
  readonly signal: AbortSignal
  /** Told of each rate before and after. */
  readonly onStep?: (rate: number, step?: LoadStep) => void
}

const OBSERVED_EVERY_MS = 500
const PATIENCE_MS = 10_000
/** A search ends when the rate that breaks is so little above the one that is sustained. */
const CLOSE_ENOUGH = 1.15
const MOST_STEPS = 16

/**
 * Makes one load, in a process of its own, and tells what the server used meanwhile.
 * @throws TruelineError `no_owner` when the server cannot be reached, `platform_stopped` when it was broken off
 */
export async function runStep(plan: LoadPlan, rate: number): Promise<LoadStep> {
  const { url, model, token, rows, settings, observe, signal, onStep } = plan
  onStep?.(rate)
  const bodies = bodiesOf(rows, settings.rowsPerRequest)
  const path = `/v1/models/${encodeURIComponent(model)}/predict`
  const { rows: _, ...shape } = settings
  const load: OpenLoad = { ...shape, url, path, token, bodies, rate, patience: PATIENCE_MS }
  const before = await observe()
  const seen: ServerLoad[] = []
  const timer = setInterval(() => {
    // A server that is overloaded may not answer this, either: the figures after tell enough.
    observe().then(
      (load) => seen.push(load),
      () => undefined,
    )
  }, OBSERVED_EVERY_MS)
  try {
    const client = await runChild<ClientFigures>(workerUrl(import.meta.url, './load-client-child.ts'), load, {
      ...{ signal, onMessage: () => undefined, what: 'The load client', failure: 'internal' },
      stopped: () => new TruelineError('platform_stopped', 'The load test was broken off.'),
    })
    const after = await observe()
    const step = { client, server: serverFigures(before, after, seen, client, settings) }
    onStep?.(rate, step)
    return step
  } finally {
    clearInterval(timer)
  }
}

/** Makes loads of rising rates, up to the first that is not sustained. */
export async function runSteps(plan: LoadPlan, rates: readonly number[]): Promise<LoadStep[]> {
  const steps: LoadStep[] = []
  for (const rate of rates) {
    steps.push(await runStep(plan, rate))
    if (!isSustained(steps.at(-1)!, plan.slo)) break
  }
  return steps
}

/** Looks for where the load becomes too much: doubles the rate until it is, or halves it until it is not, and then closes in. */
export async function findKnee(plan: LoadPlan, first: number): Promise<LoadStep[]> {
  const steps: LoadStep[] = []
  let sustained = 0
  let broken = Number.POSITIVE_INFINITY
  let rate = first
  while (steps.length < MOST_STEPS && broken > sustained * CLOSE_ENOUGH && rate >= 1) {
    const step = await runStep(plan, rate)
    steps.push(step)
    // Beyond what the client can send nothing is to be learnt.
    if (!keptSchedule(step)) break
    if (isSustained(step, plan.slo)) sustained = rate
    else broken = rate
    rate = broken === Number.POSITIVE_INFINITY ? rate * 2 : Math.round((sustained + broken) / 2)
  }
  return steps
}

function bodiesOf(rows: readonly unknown[], rowsPerRequest: number): string[] {
  const requests = Math.max(1, Math.floor(rows.length / rowsPerRequest))
  return Array.from({ length: requests }, (_, request) => {
    const own = Array.from({ length: rowsPerRequest }, (_, row) => rows[(request * rowsPerRequest + row) % rows.length])
    return JSON.stringify({ rows: own })
  })
}

function serverFigures(
  before: ServerLoad,
  after: ServerLoad,
  seen: readonly ServerLoad[],
  { requests }: ClientFigures,
  { seconds, warmup }: LoadSettings,
): ServerFigures {
  const cpu = after.cpu - before.cpu
  const active = after.active - before.active
  const all = [...seen, after]
  // What was used includes the warm-up.
  const inAll = Math.max(1, requests * ((seconds + warmup) / seconds))
  return {
    cpu: cpu / (after.elapsed - before.elapsed),
    cpuPerRequest: cpu / inAll,
    utilization: active / Math.max(1, active + after.idle - before.idle),
    stall: Math.max(...all.map(({ stall }) => stall)),
    waiting: Math.max(...all.map(({ waiting }) => waiting)),
    memory: after.memory / 1e6,
  }
}
