import type {
  BatchListing,
  BatchRunAnswer,
  CapacityAnswer,
  Fleet,
  HandRuleAnswer,
  LoadTestAnswer,
  ModelObjectives,
  OverridePage,
  StreamScoringListing,
} from '../../src/platform/api/contract.ts'
import { DAY, HOUR } from './fixture-data.ts'
import { card, paged } from './fixture-registry.ts'
import { objectivesOf } from './fixture-scenarios.ts'

const SECOND = 1_000_000
const LONG = 'every_flight_of_the_next_three_days_by_origin_and_destination_for_the_call_centre'
const digest = `sha256:${'6'.repeat(64)}` as const

/** Answers about how models are run and what people decide; undefined for an address that is none of it. */
export function operationsAnswer(fleet: Fleet, path: string, query: URLSearchParams): unknown {
  const { models, now } = fleet
  const [first] = models
  if (path === 'api/v1/batches') return first === undefined ? [] : batches(first.name, now)
  if (path === 'api/v1/batch-runs') return cut(first === undefined ? [] : batchRuns(first.name, now), query)
  const [, run] = /^api\/v1\/batch-runs\/b(\d+)$/.exec(path) ?? []
  if (run !== undefined && first !== undefined) return batchRun(first.name, now, Number(run))
  if (path === 'api/v1/stream-scoring') return models.slice(0, 3).map((model, index) => stream(model.name, index))
  if (path === 'api/v1/objectives')
    return models
      .slice(0, 2)
      .map(({ name }): ModelObjectives => ({ model: name, objectives: objectivesOf(now, 794_880) }))
  if (path === 'api/v1/load-tests') return cut(first === undefined ? [] : loadTests(first.name, now), query)
  const [, test] = /^api\/v1\/load-tests\/(\d+)$/.exec(path) ?? []
  if (test !== undefined && first !== undefined) return loadTest(first.name, now, Number(test))
  if (path === 'api/v1/decisions') {
    const every = first === undefined ? [] : rules(first.name, now)
    return cut(query.get('all') === 'true' ? every : every.filter(({ state }) => state === 'in_force'), query)
  }
  if (path === 'api/v1/prediction-overrides')
    return paged(
      first === undefined ? [] : overrides(first.name, now, query.get('prediction')),
      query,
      (items, next) => ({
        overrides: items,
        next,
      }),
    )
  const [, model, part] = /^api\/v1\/models\/([^/]+)\/(capacity|card)$/.exec(path) ?? []
  if (part === 'card') return { ...card(decodeURIComponent(model ?? '')), rulesByHand: 2 }
  return part === 'capacity' ? capacity(decodeURIComponent(model ?? ''), now, Number(query.get('target'))) : undefined
}

function cut<T>(all: readonly T[], query: URLSearchParams): T[] {
  const offset = Number(query.get('offset') ?? 0)
  return all.slice(offset, offset + Number(query.get('limit') ?? 20))
}

function batches(model: string, now: number): BatchListing[] {
  return [
    {
      ...{ name: 'nightly', model, owner: 'operations', schedule: '0 4 * * *', due: now + 7 * HOUR },
      ...{
        population: 'departures of the next 1d',
        destination: 'scores/nightly.parquet',
        run: batchRun(model, now, 24),
      },
    },
    {
      ...{ name: LONG, model, description: 'Whom the call centre rings, in the order of the risk.' },
      ...{ population: 'postgres passengers', destination: 'postgres scores', run: batchRun(model, now, 22) },
    },
  ]
}

function batchRuns(model: string, now: number): BatchRunAnswer[] {
  return Array.from({ length: 24 }, (_, index) => batchRun(model, now, 24 - index))
}

function batchRun(model: string, now: number, number: number): BatchRunAnswer {
  const status: BatchRunAnswer['status'] =
    number === 24 ? 'running' : (['succeeded', 'failed', 'held', 'succeeded'] as const)[number % 4]!
  const startedAt = now - (24 - number) * DAY - 5 * HOUR
  const run = {
    ...{
      id: `b${number}`,
      batch: number % 5 === 0 ? '' : 'nightly',
      model,
      version: 7,
      kind: 'schedule' as const,
      status,
    },
    ...{ at: startedAt, offset: 5_871_204, startedAt, population: 'departures of the next 1d' },
    ...{ destination: 'scores/nightly.parquet', by: { name: 'trueline:batch', asserted: false } },
    ...(status === 'running' ? {} : { finishedAt: startedAt + 41 * SECOND }),
  } as const
  if (status === 'running') return run
  if (status === 'failed') {
    const error = 'The table scores of postgres cannot be written: the disk is full.'
    return { ...run, error: { error, code: 'batch_failed', remedy: 'Free space there, and run it again.' } as never }
  }
  const received = 120_000 + number * 811
  return {
    ...run,
    report: {
      ...{ received, scored: received - 212, rejected: 212, reasons: { out_of_range: 200, missing_column: 12 } },
      ...{ parts: 3, published: status !== 'held', output: 'scores/nightly.parquet', inputDigest: digest },
      ...{ outputDigest: digest, decisions: { keep: 98_211, rebook: received - 212 - 98_211 }, seconds: 38.2 },
      score: {
        ...{ min: 0.01, mean: 0.214, max: 0.93, psi: 0.031 },
        edges: Array.from({ length: 21 }, (_, edge) => edge / 20),
        counts: Array.from({ length: 20 }, (_, bin) => Math.round(24_000 * Math.exp(-bin / 3))),
      },
      drift: Array.from({ length: 34 }, (_, index) => ({
        ...{ name: `origin_delays.mean_delay_${index}h`, psi: 0.4 / (index + 1) },
        ...{ missing: 0.01, missingInTraining: 0.004 },
      })),
      quality: {
        ...{ verdict: status === 'held' ? 'fail' : 'pass', rows: received, rejected: 212 },
        results: [
          {
            ...{ check: 'the mean score is between 0.1 and 0.3', column: 'score', severity: 'critical', n: received },
            ...{ verdict: status === 'held' ? 'fail' : 'pass', sentence: 'The mean score is 0.214 (0.211 to 0.217).' },
          },
        ],
      } as never,
      ...{ rejects: '.trueline/batches/nightly/b21/rejected.jsonl', rowsPerSecond: 3141.6 },
      cut: { at: startedAt, offset: 5_871_204 },
    },
  }
}

function stream(model: string, index: number): StreamScoringListing {
  const states = ['running', 'paused', 'running'] as const
  return {
    ...{ model, stream: 'departures', output: `answers_of_${model}`, state: states[index]!, version: 7 - index },
    ...(index === 1 ? { reason: 'paused by ada: the database behind it is moved' } : {}),
    ...{ offset: 41_204 + index, behind: index === 2 ? 18_211 : 3, lag: index === 2 ? 340 * SECOND : 2 * SECOND },
    ...{ mostLag: 60 * SECOND, rate: index === 1 ? 0 : 418.4, received: 291_204, scored: 290_811, rejected: 212 },
    ...{ passed: 181, fallbacks: 212 },
  }
}

function loadTests(model: string, now: number): LoadTestAnswer[] {
  return Array.from({ length: 23 }, (_, index) => loadTest(model, now, 23 - index))
}

function loadTest(model: string, now: number, number: number): LoadTestAnswer {
  const latencies = { p50: 1.4, p90: 4.2, p99: 9.8, p999: 21, max: 44 }
  const verdict = (['pass', 'fail', 'insufficient'] as const)[number % 3]!
  const step = (rate: number, slow: number): LoadTestAnswer['steps'][number] => ({
    client: {
      ...{ rate, requests: rate * 30, answered: rate * 30 - (slow > 4 ? 912 : 0), codes: { ok: rate * 30 } },
      response: { ...latencies, p99: latencies.p99 * slow, max: latencies.max * slow },
      ...{ service: latencies, lag: { p99: 1.2, max: 4 } },
      p99: { low: latencies.p99 * slow * 0.9, ...(slow > 4 ? {} : { high: latencies.p99 * slow * 1.1 }) },
    },
    server: { cpu: 0.2 * slow, cpuPerRequest: 410, utilization: 0.2 * slow, stall: 12, waiting: 31, memory: 412 },
    ...(slow > 4
      ? { verdict: 'fail', reasons: ['The 99th percentile is 59 ms; the objective is 20 ms.'] }
      : { verdict: 'pass', reasons: [] }),
  })
  return {
    ...{ number, model, version: 7, digest, at: now - (23 - number) * DAY, by: 'sre', program: '0.1.0', verdict },
    ...{ reasons: [], knee: { sustained: 800, broken: 1600 }, slo: { p99: 20_000, availability: 0.999 } },
    host: { cpus: 8, node: '24.21.0', platform: 'linux x64' },
    settings: {
      seconds: 30,
      warmup: 2,
      rowsPerRequest: 1,
      connections: 64,
      arrivals: 'poisson',
      seed: 1,
      rows: number === 22 ? 'file' : 'stream',
    },
    steps: [step(400, 1), step(800, 1.6), step(1600, 6)],
  }
}

function capacity(model: string, now: number, target: number): CapacityAnswer {
  const { number, at, by, host, program, settings } = loadTest(model, now, 22)
  return {
    ...{
      model,
      version: 7,
      target,
      headroom: 0.3,
      spare: 0,
      replicas: Math.ceil(target / 560),
      low: Math.ceil(target / 1600),
    },
    ...{ sustained: 800, broken: 1600, cpuPerRequest: 410 },
    resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '768Mi' } },
    evidence: { number, at, by, host, program, settings },
    assumes: ['Requests are spread evenly over the replicas.', 'The machine is like that of the test.'],
  }
}

function rules(model: string, now: number): HandRuleAnswer[] {
  return Array.from({ length: 41 }, (_, index): HandRuleAnswer => {
    const at = now - (index + 1) * 7 * HOUR
    const state = (['in_force', 'over', 'revoked'] as const)[index % 3]!
    return {
      ...{ number: 41 - index, model, key: { carrier: 'XX', origin: 'JFK' }, decision: 'keep', by: 'ann', at, state },
      reason: 'The carrier rebooks its passengers itself until its own system is up again.',
      ...(index % 3 === 0 ? {} : { until: at + DAY }),
      ...(state === 'revoked' ? { revoked: { by: 'ben', at: at + HOUR, reason: 'It is up again.' } } : {}),
    }
  })
}

/** Of one prediction, where it is named: the third of a model was decided otherwise, and the others were not. */
function overrides(model: string, now: number, of: string | null): OverridePage['overrides'][number][] {
  if (of !== null)
    return of === 'p4gm-3'
      ? [{ prediction: of, model, decision: 'rebook', by: 'ann', at: now, reason: 'The passenger rang us.' }]
      : []
  return Array.from({ length: 44 }, (_, index) => ({
    ...{ prediction: `pm4g-${4000 - index}`, model, decision: 'rebook', by: 'ann', at: now - index * 5 * HOUR },
    reason: 'The passenger rang us: a wheelchair takes longer.',
  }))
}
