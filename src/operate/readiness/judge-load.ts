import { wilsonInterval } from '../../stats/intervals/wilson.ts'
import { countWords, millisecondWords, percentWords } from '../monitoring/words.ts'
import type { Knee, LoadJudgement, LoadStep, LoadTest } from './load-test.ts'

/** A client that comes later than this to one request in a hundred did not make the load that was asked for, milliseconds. */
const MOST_LAG = 10
/** Where a model says nothing of latency, a rate is sustained while the 99th percentile is below this, milliseconds. */
const USUAL_BOUND = 100
/** Share of requests that must be answered for a rate to be sustained, where a model says nothing of it. */
const USUAL_ANSWERED = 0.99

/** Whether the client sent what was due when it was due; else a run says nothing of the server. */
export function keptSchedule({ client: { lag } }: LoadStep): boolean {
  return lag.p99 <= MOST_LAG
}

/** Holds what was measured at one rate against an objective: `insufficient` where the 95% intervals do not tell. */
export function judgeStep(step: LoadStep, slo: LoadTest['slo']): LoadJudgement {
  const { client } = step
  if (!keptSchedule(step))
    return insufficient(
      `The client came ${millisecondWords(client.lag.p99)} late to its own requests: this is no evidence. Use a machine with time to spare, or a lower rate.`,
    )
  if (slo?.p99 === undefined && slo?.availability === undefined)
    return insufficient('The model declares no objective: serve.slo.')
  const failed: string[] = []
  const open: string[] = []
  if (slo.availability !== undefined) {
    const share = wilsonInterval(client.answered, client.requests)
    const words = `${percentWords(client.answered / Math.max(1, client.requests))} of ${countWords(client.requests)} requests were answered; the objective is ${percentWords(slo.availability)}.`
    if (share === undefined || (share.low < slo.availability && share.high >= slo.availability))
      open.push(`${words} Its 95% interval goes below: ${countWords(client.requests)} requests are too few.`)
    else if (share.high < slo.availability) failed.push(words)
  }
  if (slo.p99 !== undefined) {
    const { low = 0, high = Number.POSITIVE_INFINITY } = client.p99
    const bound = slo.p99 / 1000
    const words = `The 99th percentile is ${millisecondWords(client.response.p99)}; the objective is ${millisecondWords(bound)}.`
    if (low > bound) failed.push(words)
    else if (high > bound)
      open.push(`${words} Its 95% interval goes beyond: ${countWords(client.requests)} requests are too few.`)
  }
  if (failed.length > 0) return { verdict: 'fail', reasons: failed }
  return open.length > 0 ? { verdict: 'insufficient', reasons: open } : { verdict: 'pass', reasons: [] }
}

function insufficient(reason: string): LoadJudgement {
  return { verdict: 'insufficient', reasons: [reason] }
}

/** Whether a rate is sustained: about all requests are answered, and the 99th percentile is within its bound. */
export function isSustained(step: LoadStep, slo: LoadTest['slo']): boolean {
  const { answered, requests, response } = step.client
  const bound = slo?.p99 === undefined ? USUAL_BOUND : slo.p99 / 1000
  return answered >= Math.min(slo?.availability ?? 1, USUAL_ANSWERED) * requests && response.p99 <= bound
}

/** Where the load became too much: rates at which the client did not keep its schedule say nothing. */
export function kneeOf(steps: readonly LoadStep[], slo: LoadTest['slo']): Knee {
  const told = steps.filter(keptSchedule)
  const broken = Math.min(...told.filter((step) => !isSustained(step, slo)).map(({ client }) => client.rate))
  const sustained = Math.max(
    ...told.filter((step) => isSustained(step, slo) && step.client.rate < broken).map(({ client }) => client.rate),
  )
  return {
    ...(Number.isFinite(sustained) ? { sustained } : {}),
    ...(Number.isFinite(broken) ? { broken } : {}),
  }
}
