import { expect, test } from 'vitest'
import type { LoadTest } from '../../../operate/readiness/load-test.ts'
import { noEvidence, planCapacity } from './plan-capacity.ts'

const latencies = { p50: 1, p90: 2, p99: 3, p999: 4, max: 5 }
const stepAt = (rate: number): LoadTest['steps'][number] => ({
  client: {
    ...{ rate, requests: 1000, answered: 1000, codes: { ok: 1000 }, response: latencies, service: latencies },
    ...{ p99: { low: 2, high: 4 }, lag: { p99: 1, max: 1 } },
  },
  server: { cpu: 0.5, cpuPerRequest: 400, utilization: 0.5, stall: 1, waiting: 2, memory: 300 },
  ...{ verdict: 'pass', reasons: [] },
})
const loadTest: LoadTest = {
  ...{ number: 4, model: 'm', version: 2, digest: 'sha256:a', at: 0, by: 'ann', program: '1.0.0' },
  host: { cpus: 2, node: 'v24.0.0', platform: 'linux x64' },
  settings: {
    ...{ seconds: 30, warmup: 2, rowsPerRequest: 1, connections: 64, arrivals: 'poisson', seed: 1, rows: 'stream' },
  },
  steps: [stepAt(400), stepAt(800), stepAt(1600)],
  knee: { sustained: 800, broken: 1600 },
  ...{ verdict: 'pass', reasons: [] },
}

test('replicas for a target leave each the share that was asked for, and the knee bounds them from both sides', () => {
  const { replicas, low, sustained, broken, resources, evidence } = planCapacity(loadTest, 2000, {
    headroom: 0.3,
    spare: 0,
  })
  // 2000 / (800 * .7) = 3.6 and 2000 / (1600 * .7) = 1.8
  expect({ replicas, low, sustained, broken }).toEqual({ replicas: 4, low: 2, sustained: 800, broken: 1600 })
  // 500 a second and replica, of 400 microseconds each; memory in steps of 64 MiB.
  expect(resources).toEqual({ requests: { cpu: '200m', memory: '384Mi' }, limits: { memory: '576Mi' } })
  expect(evidence).toMatchObject({ number: 4, by: 'ann', host: { cpus: 2 } })
})

test('the answer is at least one, never falls with the target, and says when the end was not looked for', () => {
  expect(planCapacity(loadTest, 1, { headroom: 0.3, spare: 0 }).replicas).toBe(1)
  let before = 0
  for (let target = 100; target <= 20_000; target += 100) {
    const { replicas } = planCapacity(loadTest, target, { headroom: 0.3, spare: 0 })
    expect(replicas).toBeGreaterThanOrEqual(before)
    expect(replicas * 800 * 0.7).toBeGreaterThanOrEqual(target - 1e-6)
    before = replicas
  }
  const open = planCapacity({ ...loadTest, knee: { sustained: 800 } }, 2000, { headroom: 0.3, spare: 0 })
  expect(open.low).toBeUndefined()
  expect(open.assumes.at(-1)).toContain('No rate was reached at which one replica breaks')
})

test('what one replica uses is taken from the rates on both sides of its own: a part of it comes with any rate', () => {
  // 0.1 cores at any rate, and 100 microseconds for each request.
  const steps = [400, 800, 1600].map((rate) => {
    const step = stepAt(rate)
    return { ...step, server: { ...step.server!, cpuPerRequest: 1e5 / rate + 100 } }
  })
  const planned = (target: number) => planCapacity({ ...loadTest, steps }, target, { headroom: 0.25, spare: 0 })
  expect(planned(500).resources?.requests.cpu).toBe('150m')
  expect(planned(500).cpuAtHeadroom).toBeCloseTo(0.16, 9)
  // Nothing less was measured than 400 a second.
  expect(planned(10).resources?.requests.cpu).toBe('150m')
})

test('with one to spare the others answer all of it, and what few requests say is said to be little', () => {
  const plan = planCapacity(loadTest, 2000, { headroom: 0.3, spare: 1 })
  expect(plan).toMatchObject({ replicas: 5, low: 3, spare: 1 })
  // Each has the room for when one is away.
  expect(plan.resources).toEqual(planCapacity(loadTest, 2000, { headroom: 0.3, spare: 0 }).resources)
  expect(plan.assumes.join()).not.toContain('away')
  const few = loadTest.steps.map((step) => ({ ...step, client: { ...step.client, requests: 90, p99: { low: 2 } } }))
  expect(planCapacity({ ...loadTest, steps: few }, 2000, { headroom: 0.3, spare: 0 }).assumes.join()).toContain('90')
})

test('where no test counts, the last one says why', () => {
  expect(noEvidence('m', 2, undefined).message).toBe('No load test of m v2 found a rate that it sustains.')
  const late = { number: 4, reasons: ['The client came 80 ms late to its own requests: this is no evidence.'] }
  expect(noEvidence('m', 2, late).message).toMatch(/sustains\. Of the last one, number 4: The client came 80 ms late/)
})
