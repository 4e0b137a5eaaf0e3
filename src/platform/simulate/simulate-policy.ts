import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type VirtualClock, virtualClock } from '../../core/clock.ts'
import { DAY, formatTime, HOUR } from '../../core/time.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import { listServing } from '../../models/registry/serving-history.ts'
import { hoursOf } from '../../models/training/evaluate.ts'
import { listDecisions } from '../../operate/retraining/retraining-store.ts'
import type { PolicyReport, SimulatedScore } from '../../operate/retraining/simulation.ts'
import { bootstrap } from '../../stats/intervals/bootstrap.ts'
import { metrics } from '../../stats/metrics/metrics.ts'
import { outcomesOfRows } from '../app/logged-outcomes.ts'
import { type OwnedPlatform, openPlatform } from '../app/open-platform.ts'
import { countAlertsOf } from './count-alerts.ts'
import { monthsBetween, type Stretch, weeksBetween } from './months.ts'
import { type History, type Moment, playTimeline } from './timeline.ts'
import { writeHistoryBefore } from './write-history.ts'

export interface SimulationOptions {
  readonly project: ProjectDefinition
  readonly model: string
  readonly policy: RetrainDefinition
  /** What the policy is called in the report. */
  readonly name: string
  readonly histories: readonly History[]
  /** What was known before is imported, and the first version trained on it; from here on it is lived. Microseconds. */
  readonly start: number
  readonly until: number
  /** Replaced by the run. */
  readonly directory: string
  /** Of the project's file. */
  readonly folder: string
  readonly onProgress: (sentence: string, done: number) => void
}

const TRAINER = { name: 'data-scientist' }
const APPROVER = { name: 'domain-expert' }
const WEEKS_BELOW = 60 * DAY

/**
 * Lives through a stretch of history on a virtual clock, on the real platform, with one policy of retraining: each row asks at
 * its time, each event is known when it was, and the platform's timers run once an hour. Where the policy asks, a person goes by
 * the gate once a day.
 */
export async function simulatePolicy(options: SimulationOptions): Promise<PolicyReport> {
  const { directory, histories, start, folder } = options
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const clock = virtualClock(start)
  const config = simulatedProject(options)
  const platform = await openPlatform({ config, directory: join(directory, 'data'), clock, folder })
  try {
    for (const history of histories)
      await platform.importHistory(history.stream.name, await writeHistoryBefore(history, start, directory))
    const { version, gate } = await platform.train(options.model, TRAINER)
    await platform.approve(options.model, version, APPROVER, gate.sentence)
    await platform.promote(options.model, version, APPROVER, 'The first version.')
    return await live(options, platform, clock)
  } finally {
    await platform.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Nothing goes out or comes in but the history, nobody is waited for, and no other model is trained. */
function simulatedProject({ project, model: name, policy }: SimulationOptions): ProjectDefinition {
  const { alerts: _, sources: __, batches: ___, predictions: ____, rawModels: _____, ...rest } = project
  const models: Record<string, ModelDefinition> = {}
  for (const [other, definition] of Object.entries(project.models)) {
    const { approvals, signedBy, ...free } = definition
    const retrain = other === name ? policy : ({ approval: 'ask' } as const)
    models[other] = { ...free, retrain, training: { ...definition.training, tests: false } }
  }
  return { ...rest, models }
}

/** Answers as they were given: what is needed of a row to find its outcome, its t, and its score, or those of its classes one after the other. */
interface Answers {
  readonly rows: string[]
  readonly t: number[]
  readonly scores: number[]
}

async function live(options: SimulationOptions, platform: OwnedPlatform, clock: VirtualClock): Promise<PolicyReport> {
  const { start, until, histories, onProgress } = options
  const definition = platform.project.models[options.model]!
  const end = until + definition.label.within + definition.label.grace
  const answers: Answers = { rows: [], t: [], scores: [] }
  let seconds = 0
  let nextTick = start + HOUR
  async function tick(): Promise<void> {
    clock.advanceTo(nextTick)
    for (const serving of platform.parts.servings.values()) serving.flush()
    const runs = await countRuns(platform, options.model)
    const began = clock.elapsed()
    await platform.tick()
    if ((await countRuns(platform, options.model)) > runs) seconds += (clock.elapsed() - began) / 1e6
    // Whoever looks at the progress gets to see it.
    await setImmediate()
    if (Math.floor((nextTick - start) / DAY) > Math.floor((nextTick - HOUR - start) / DAY)) {
      await decideOnCandidates(platform, options.model)
      onProgress(
        `${options.name}: ${formatTime(nextTick).slice(0, 10)}`,
        Math.min(1, (nextTick - start) / (end - start)),
      )
    }
    nextTick += HOUR
  }
  for await (const moment of playTimeline(histories, start, end)) {
    while (nextTick <= moment.at) await tick()
    await playMoment(platform, clock, definition, moment, moment.at < until ? answers : undefined)
  }
  while (nextTick <= end + HOUR) await tick()
  await platform.parts.lake.flush()
  return await reportOf(options, platform, answers, seconds)
}

async function playMoment(
  platform: OwnedPlatform,
  clock: VirtualClock,
  { name, at: stream, time, label }: ModelDefinition,
  { at, rows }: Moment,
  answers: Answers | undefined,
): Promise<void> {
  clock.advanceTo(at)
  await platform.hasRoom()
  for (const [one, events] of rows) platform.parts.ingest.take(one, events)
  const asking = rows.get(stream)
  if (answers === undefined || asking === undefined) return
  const { predictions } = await platform.predict(name, asking)
  for (const [index, prediction] of predictions.entries()) {
    if (!('score' in prediction) || prediction.score === null) continue
    const row = asking[index]!
    answers.rows.push(JSON.stringify(Object.fromEntries(Object.keys(label.on).map((key) => [key, row[key]]))))
    answers.t.push(time === undefined ? at : (row[time] as number))
    const { score, probabilities } = prediction
    if (label.classes === undefined) answers.scores.push(score)
    else for (const of of label.classes) answers.scores.push(probabilities?.[of] ?? Number.NaN)
  }
}

async function countRuns({ parts }: OwnedPlatform, model: string): Promise<number> {
  return (await listDecisions(parts.metadata, { model, runs: true, limit: 1000 })).items.length
}

/** A person looks at each candidate once a day, and goes by the gate. */
async function decideOnCandidates(platform: OwnedPlatform, model: string): Promise<void> {
  for (const { version, state, variant, gate = 'insufficient', gateSentence = '' } of await platform.models(model)) {
    if (state !== 'candidate' || variant !== 'full') continue
    if (gate !== 'pass') await platform.reject(model, version, APPROVER, gateSentence)
    else {
      await platform.approve(model, version, APPROVER, gateSentence)
      await platform.promote(model, version, APPROVER, gateSentence)
    }
  }
}

async function reportOf(
  { model, name, policy, start, until }: SimulationOptions,
  platform: OwnedPlatform,
  answers: Answers,
  seconds: number,
): Promise<PolicyReport> {
  const { parts } = platform
  const { gate, label } = parts.project.models[model]!
  const { metric } = gate
  const width = label.classes?.length ?? 1
  const labels = answers.t.length === 0 ? new Float64Array(0) : await outcomesOfRows(parts, model, answers)
  const scoreOf = (isAsked: (t: number) => boolean): SimulatedScore => {
    const asked = answers.t.map((_, row) => row).filter((row) => isAsked(answers.t[row]!))
    const known = asked.filter((row) => !Number.isNaN(labels[row]!))
    const counts = { predictions: asked.length, labelled: known.length }
    if (known.length === 0) return { ...counts, value: null }
    const truth = Float64Array.from(known, (row) => labels[row]!)
    const scores = Float64Array.from(known.flatMap((row) => answers.scores.slice(row * width, (row + 1) * width)))
    const sample = { metric: metrics[metric].prepare(truth, scores), rows: known.length }
    const clusters = hoursOf(Float64Array.from(known, (row) => answers.t[row]!))
    const estimate = bootstrap(sample, { seed: 1, clusters })
    if (estimate === undefined) return { ...counts, value: sample.metric() ?? null }
    return { ...counts, value: estimate.value, low: estimate.low, high: estimate.high }
  }
  const stretches = (until - start < WEEKS_BELOW ? weeksBetween : monthsBetween)(start, until)
  const { items: decisions } = await listDecisions(parts.metadata, { model, runs: true, limit: 1000 })
  const outcomes = decisions.flatMap((decision) => decision.outcomes.map(({ outcome }) => outcome))
  const { items: served } = await listServing(parts.metadata, model, { limit: 1000 })
  const releases = served.map(({ version, from, change }) => ({ version, at: from, change })).reverse()
  return {
    ...{ policy: name, retrain: policy, metric, runs: decisions.length, seconds },
    failed: outcomes.filter((outcome) => outcome === 'failed').length,
    promotions: releases.filter(({ change }) => change === 'promote').length - 1,
    reverted: outcomes.filter((outcome) => outcome === 'reverted').length,
    alerts: await countAlertsOf(parts.metadata, model, { from: start }),
    releases: releases.slice(1),
    overall: scoreOf(() => true),
    stretches: stretches.map((stretch) => ({ ...stretch, ...scoreOf((t) => isIn(t, stretch)) })),
  }
}

function isIn(t: number, { from, to }: Stretch): boolean {
  return t >= from && t < to
}
