import { expect, test } from 'vitest'
import { judgeStep, kneeOf } from './judge-load.ts'
import type { ClientFigures, LoadStep } from './load-test.ts'

const slo = { p99: 20_000, availability: 0.99 }

function step(figures: Partial<ClientFigures> = {}, p99 = 10): LoadStep {
  const latencies = { p50: 1, p90: 2, p99, p999: p99, max: p99 }
  const requests = figures.requests ?? 10_000
  return {
    client: {
      ...{ rate: 100, requests, answered: requests, codes: {}, response: latencies, service: latencies },
      ...{ p99: { low: p99 - 1, high: p99 + 1 }, lag: { p99: 1, max: 2 }, ...figures },
    },
  }
}

test.each([
  ['well within', step(), 'pass'],
  ['surely beyond', step({}, 30), 'fail'],
  ['around the bound', step({}, 20), 'insufficient'],
  ['too few to bound the percentile', step({ requests: 300, answered: 300, p99: { low: 5 } }), 'insufficient'],
  [
    'too few to be sure of availability',
    step({ requests: 200, answered: 200, p99: { low: 5, high: 6 } }),
    'insufficient',
  ],
  ['refused too often', step({ answered: 9000 }), 'fail'],
  ['a client that is late itself', step({ answered: 9000, lag: { p99: 40, max: 90 } }), 'insufficient'],
] as const)('an objective is %s: %#', (_what, measured, verdict) => {
  const judged = judgeStep(measured, slo)
  expect(judged.verdict).toBe(verdict)
  expect(judged.reasons.length > 0).toBe(verdict !== 'pass')
})

test('what too few requests do not tell is said of either objective', () => {
  expect(
    judgeStep(step({ requests: 2000, answered: 1998, p99: { low: 5 } }), { ...slo, availability: 0.999 }).reasons,
  ).toEqual([
    '99.9% of 2,000 requests were answered; the objective is 99.9%. Its 95% interval goes below: 2,000 requests are too few.',
    'The 99th percentile is 10 ms; the objective is 20 ms. Its 95% interval goes beyond: 2,000 requests are too few.',
  ])
})

test('without an objective nothing is judged', () => {
  expect(judgeStep(step(), undefined)).toEqual({
    verdict: 'insufficient',
    reasons: ['The model declares no objective: serve.slo.'],
  })
})

test('the knee lies between the last rate that is sustained and the first that is not', () => {
  const at = (rate: number, p99: number, lag = 1): LoadStep => step({ rate, lag: { p99: lag, max: lag } }, p99)
  expect(kneeOf([at(100, 2), at(200, 5), at(400, 60), at(300, 15)], slo)).toEqual({ sustained: 300, broken: 400 })
  expect(kneeOf([at(100, 2), at(200, 5)], slo)).toEqual({ sustained: 200 })
  expect(kneeOf([at(100, 90)], slo)).toEqual({ broken: 100 })
  // A rate at which the client was late says nothing, and one that holds above one that breaks was luck.
  expect(kneeOf([at(100, 2), at(200, 90, 50)], slo)).toEqual({ sustained: 100 })
  expect(kneeOf([at(100, 2), at(200, 90), at(300, 15)], slo)).toEqual({ sustained: 100, broken: 200 })
})
