import { alertKinds } from './alert-kinds.ts'
import type { Alert } from './alert-store.ts'
import type { MonitorState } from './monitor-state.ts'
import {
  countWords,
  dayWords,
  listWords,
  metricName,
  metricWords,
  millisecondWords,
  percentWords,
  plural,
} from './words.ts'

/** The worst of a model's parts. */
export type Health = 'ok' | 'warning' | 'failing' | 'not_enough_data'

/** What is known of a model. */
export interface ModelSummary {
  readonly name: string
  /** Microseconds. */
  readonly now: number
  /** Absent when nothing serves. */
  readonly state?: MonitorState
  /** The open alerts about it. */
  readonly alerts: readonly Pick<Alert, 'kind' | 'title' | 'feature'>[]
  /** Why its windows and outcomes could not be judged when that was last tried; absent where they could. */
  readonly fault?: string | undefined
  /** Why the version that was promoted last cannot serve, and what mends that; absent where nothing is the matter. */
  readonly unserved?: { readonly message: string; readonly remedy: string } | undefined
  /** No platform runs: this is what its directory says. */
  readonly atRest?: boolean
}

/**
 * The worst of what is known: pages fail a model, tickets and surely too many failures warn, and drift that is known to harm
 * nobody does neither. Nothing is said to be well where no platform runs.
 */
export function healthOf(summary: ModelSummary): Health {
  const { state, alerts, unserved } = summary
  if (unserved !== undefined) return 'failing'
  if (state === undefined) return 'not_enough_data'
  if (alerts.some(({ kind }) => alertKinds[kind].severity === 'page')) return 'failing'
  if (faultOf(summary) !== undefined || state.failures.isTooMany) return 'warning'
  if (alerts.length > 0 && !isHarmless(summary)) return 'warning'
  if (summary.atRest === true) return 'not_enough_data'
  if (alerts.length > 0) return 'ok'
  return state.lastHour === 0 && state.lastOutcome === undefined ? 'not_enough_data' : 'ok'
}

/** Why it could not be judged when that was last tried, or what became of its last mature outcomes. */
function faultOf({ fault, state, now }: ModelSummary): string | undefined {
  const { until, point } = state?.lastOutcome ?? {}
  if (fault !== undefined || until === undefined || point?.fault === undefined) return fault
  return `the outcomes of ${plural(point.predictions, 'prediction')} until ${dayWords(until - 1, now)} are lost: ${point.fault}`
}

/** All open alerts are about drift, and outcomes from after it began are as good as promised. */
function isHarmless({ state, alerts }: ModelSummary): boolean {
  const drift = alerts.every(({ kind }) => kind === 'data_drift' || kind === 'prediction_drift')
  if (!drift || state?.performance?.verdict !== 'good' || state.lastOutcome === undefined) return false
  return state.lastOutcome.until > Math.max(...driftsOf(state).map(({ since }) => since))
}

/** What drifted, the scores among it. */
function driftsOf({ drift, open }: MonitorState): { readonly what: string; readonly since: number }[] {
  const scores = open.filter(({ kind }) => kind === 'prediction_drift')
  return [
    ...drift.map(({ feature, since }) => ({ what: feature, since })),
    ...scores.map(({ since }) => ({ what: 'the scores', since })),
  ]
}

/**
 * A model's state in plain words: what the console's pages open with and `trueline status` prints.
 * @example describeModel(…) // 'late_flight v7 is healthy: 1,204 predictions a minute, p99 8 ms a row, AUC .761 on outcomes until yesterday (92% of labels in).'
 */
export function describeModel(summary: ModelSummary): string {
  const sentence = describeAll(summary)
  if (summary.unserved !== undefined || summary.state?.isReadingBack !== true) return sentence
  return `${sentence} What came before the start is still being read back.`
}

function describeAll(summary: ModelSummary): string {
  const { name, state, alerts, now, unserved, atRest = false } = summary
  if (unserved !== undefined) return `${unserved.message} ${unserved.remedy}`
  if (state === undefined)
    return `${name} serves nothing yet: train a version with \`trueline train ${name}\`, have it approved, and promote it.`
  const versioned = `${name} v${state.version}`
  const failures = state.failures.failed === 0 ? [] : [failureWords(state)]
  const figures = [trafficWords(state, atRest), ...failures, ...latencyWords(state), outcomeWords(state, now)].join(
    ', ',
  )
  const health = healthOf(summary)
  const fault = faultOf(summary)
  if (health === 'not_enough_data' && atRest) return `${versioned} does not run: ${figures}.`
  if (health === 'not_enough_data') return `${versioned} has too little data to judge: ${figures}.`
  if (health === 'ok') {
    const drift = alerts.length === 0 ? '' : ` ${driftWords(state, now)}; accuracy is not affected.`
    return `${versioned} is healthy: ${figures}.${drift}`
  }
  const needsLook = atRest ? 'does not run, and needs a look' : 'needs a look'
  if (fault !== undefined && health === 'warning')
    return `${versioned} ${needsLook}: it could not be judged: ${fault} ${capitalized(figures)}.`
  const urgent = alerts.filter(({ kind }) =>
    health === 'warning' ? !isHarmless(summary) : alertKinds[kind].severity === 'page',
  )
  const [first] = urgent
  if (first === undefined) return `${versioned} ${needsLook}: ${figures}.`
  // Pages are called so: the table below counts the tickets, too.
  const kind = health === 'failing' ? 'other page' : 'other alert'
  const others =
    urgent.length === 1 ? '' : ` ${plural(urgent.length - 1, kind)} ${urgent.length === 2 ? 'is' : 'are'} open.`
  const what = first.title.replace(`${versioned}: `, '')
  const failing = atRest ? 'does not run, and was failing' : 'is failing'
  return `${versioned} ${health === 'failing' ? failing : needsLook}: ${what}${others} ${capitalized(figures)}.`
}

/** A model in a fleet. */
export interface FleetMember {
  readonly name: string
  readonly health: Health
  readonly lastHour: number
  readonly perMinute: number
}

/**
 * The state of all models in one sentence, the worst first.
 * @param atRest no platform runs: then nothing is said of those that nothing is the matter with
 */
export function describeFleet(members: readonly FleetMember[], atRest = false): string {
  if (members.length === 0) return 'No model is defined yet: `trueline init` makes a project with one.'
  const named = (health: Health): string[] =>
    members.filter((member) => member.health === health).map(({ name }) => name)
  const [failing, warned, unknown, ok] = [named('failing'), named('warning'), named('not_enough_data'), named('ok')]
  const traffic = trafficWords({
    lastHour: members.reduce((sum, member) => sum + member.lastHour, 0),
    perMinute: members.reduce((sum, member) => sum + member.perMinute, 0),
  })
  if (!atRest && ok.length === members.length)
    return `${members.length === 1 ? `${ok[0]} is` : `All ${members.length} models are`} healthy: ${traffic}.`
  const parts = [
    ...(failing.length > 0 ? [`${listWords(failing)} ${failing.length === 1 ? 'is' : 'are'} failing`] : []),
    ...(warned.length > 0 ? [`${listWords(warned)} ${warned.length === 1 ? 'needs' : 'need'} a look`] : []),
    ...(unknown.length > 0
      ? [`${listWords(unknown)} ${unknown.length === 1 ? 'has' : 'have'} too little data to judge`]
      : []),
    ...(ok.length > 0 ? [`${plural(ok.length, 'model')} ${ok.length === 1 ? 'is' : 'are'} healthy`] : []),
  ]
  if (!atRest) return `${parts.join('; ')}.`
  const troubled = parts.slice(0, [failing, warned].filter(({ length }) => length > 0).length)
  const words = troubled.length === 0 ? '' : ` ${troubled.join('; ')}.`
  return `No platform runs: \`trueline up\` starts it, and this is what its directory says.${words}`
}

/**
 * What is open beside the alerts of models, in sentences: alerts of streams, sources, batches and the server, and models
 * whose next version the data speaks against.
 * @param total how many alerts that are
 */
export function describeBesides(
  alerts: readonly Pick<Alert, 'title'>[],
  total: number,
  refused: readonly { readonly message: string }[],
): string[] {
  const [first] = alerts
  const besides =
    first === undefined
      ? []
      : [
          `${plural(total, 'alert')} ${total === 1 ? 'is open besides' : 'are open besides, the newest'}: ${first.title}`,
        ]
  return [...besides, ...refused.map(({ message }) => `A quality gate blocks promotion: ${message}`)]
}

/** A rate where there is one; what is less than one a minute is counted, and what is over. */
function trafficWords({ lastHour, perMinute }: Pick<MonitorState, 'lastHour' | 'perMinute'>, isOver = false): string {
  if (lastHour >= 60 && !isOver) return `${plural(perMinute, 'prediction')} a minute`
  return lastHour === 0 ? 'no predictions in the last hour' : `${plural(lastHour, 'prediction')} in the last hour`
}

/** Failures by share, with how many rows that is of: those of the model, whichever version was asked. */
function failureWords({ failures: { n, failed }, lastHour }: Pick<MonitorState, 'failures' | 'lastHour'>): string {
  const whose = lastHour === 0 && n > failed ? ' of all versions' : ''
  return `${countWords(failed)} of ${plural(n, 'row')}${whose} failed in the last hour (${percentWords(failed / n)})`
}

/** Of the scoring of a row: a request of many takes as long as all of its rows. */
function latencyWords({ p99 }: MonitorState): string[] {
  return p99 === undefined ? [] : [`p99 ${millisecondWords(p99)} a row`]
}

function outcomeWords({ lastOutcome, performance, expected }: MonitorState, now: number): string {
  if (lastOutcome === undefined) return 'no mature outcomes yet'
  const { until, point } = lastOutcome
  const labels = `${percentWords(point.due === 0 ? 0 : point.labelled / point.due)} of labels in`
  const day = dayWords(until - 1, now)
  if (performance === undefined || expected === undefined) return `too few outcomes until ${day} to judge (${labels})`
  return `${metricName(expected.metric)} ${metricWords(performance.pooled.value)} on outcomes until ${day} (${labels})`
}

function driftWords(state: MonitorState, now: number): string {
  const drifts = driftsOf(state)
  const names = drifts.map(({ what }) => what)
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names
  const since = Math.min(...drifts.map((drift) => drift.since))
  const have = names.length > 1 || names[0] === 'the scores' ? 'have' : 'has'
  const words = `${listWords(shown)} ${have} drifted since ${dayWords(since, now)}`
  return words.startsWith('the ') ? capitalized(words) : words
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
