import { TruelineError } from '../../core/errors.ts'
import { versionStanding } from '../../models/registry/model-version.ts'
import { currentServing, listServing } from '../../models/registry/serving-history.ts'
import { listVersions, readVersion } from '../../models/registry/versions.ts'
import { countAlerts, listAlerts } from '../../operate/monitoring/alert-store.ts'
import type { ObjectiveState as StoredState } from '../../operate/monitoring/burn-rates.ts'
import { type HealthReport, readHealth } from '../../operate/monitoring/health.ts'
import { describeBesides, describeFleet, describeModel, healthOf } from '../../operate/monitoring/sentences.ts'
import type {
  Fleet,
  FleetModel,
  ModelHealth,
  ModelObjectives,
  ObjectiveState,
  OutcomePoint,
  PredictionPoint,
  ReleaseMarker,
} from '../api/contract.ts'
import type { Parts } from './assemble-platform.ts'
import { servingOf } from './predicting.ts'
import { refuseBadData } from './quality-release.ts'
import { shownAlert } from './watching.ts'

/** What outcomes are shown by, as the evaluation and a point of the outcomes call it. */
const shownMetrics = {
  binary: { metric: 'auc', name: 'auc' },
  multiclass: { metric: 'log_loss', name: 'logLoss' },
  regression: undefined,
} as const
const MOST_RELEASES = 1000
/** Features of a model that are shown to differ. */
const MOST_DIFFERING = 20

/** All models with their health, the streams, and the state of the parity audit. */
export async function fleetOf(parts: Parts): Promise<Fleet> {
  const { project, log, clock, audits, rehearsal, metadata, atRest } = parts
  const models: FleetModel[] = []
  for (const name of Object.keys(project.models)) models.push(await fleetModel(parts, name))
  const members = models.map(({ name, health, predictions: { lastHour, perMinute } }) => ({
    ...{ name, health, lastHour, perMinute },
  }))
  const elsewhere = { besides: members.map(({ name }) => name), state: 'open' } as const
  const { items: alerts } = await listAlerts(metadata, { ...elsewhere, limit: 1 })
  const refused = await refusedReleases(parts)
  const besides = describeBesides(alerts, await countAlerts(metadata, elsewhere), refused)
  return {
    sentence: [describeFleet(members, atRest), ...besides].join(' '),
    running: !atRest,
    besides,
    now: clock.now(),
    clock: rehearsal.progress === undefined ? 'real' : 'virtual',
    ...(rehearsal.progress === undefined ? {} : { progress: rehearsal.progress }),
    models,
    streams: Object.keys(project.streams).map((name) => {
      const lastEventTime = parts.applied.of(name)?.eventTime
      return { name, ...log.conservation(name), ...(lastEventTime === undefined ? {} : { lastEventTime }) }
    }),
    parity: { ...audits, differing: Object.keys(project.models).flatMap((name) => parityOf(parts, name).differing) },
  }
}

/** Why the newest version of a model that may serve next would not be promoted: the data speaks against it. */
async function refusedReleases({
  project,
  metadata,
}: Pick<Parts, 'project' | 'metadata'>): Promise<readonly TruelineError[]> {
  const refused: TruelineError[] = []
  for (const model of Object.keys(project.models)) {
    const { items } = await listVersions(metadata, model, { limit: 1 })
    const [newest] = items
    if (newest === undefined || (newest.state !== 'candidate' && newest.state !== 'approved')) continue
    if ((await currentServing(metadata, model))?.version === newest.version) continue
    await refuseBadData({ project, metadata }, model, newest.version).catch((thrown: unknown) => {
      if (!(thrown instanceof TruelineError && thrown.code === 'quality_gate_failed')) throw thrown
      refused.push(thrown)
    })
  }
  return refused
}

/** What audits found of a model within the last day. */
function parityOf({ parity, clock }: Parts, model: string): NonNullable<ModelHealth['parity']> {
  const features = parity.lastDay(model, clock.now())
  return {
    checked: features.reduce((most, { checked }) => Math.max(most, checked), 0),
    differing: features
      .filter(({ mismatches }) => mismatches > 0)
      .map((one) => ({ model, ...one }))
      .sort((a, b) => b.mismatches / b.checked - a.mismatches / a.checked)
      .slice(0, MOST_DIFFERING),
  }
}

async function fleetModel(
  { project, metadata, monitors, servings, streaming, clock, atRest }: Parts,
  name: string,
): Promise<FleetModel> {
  const definition = project.models[name]!
  const now = clock.now()
  await monitors.ask(name, 'state')
  const state = monitors.of(name)?.state(now)
  const { items: alerts } = await listAlerts(metadata, { model: name, state: 'open', limit: 1000 })
  const fault = monitors.faultOf(name)
  const { served, counts, fault: unserved } = servingOf(servings, name)
  const summary = { name, now, alerts, fault, unserved, atRest, ...(state === undefined ? {} : { state }) }
  const current = await currentServing(metadata, name)
  const { items: candidates } = await listVersions(metadata, name, { state: 'candidate', limit: 1000 })
  // What the sentence says: of the last days together, where there are enough outcomes to judge.
  const shown = shownMetrics[definition.task]
  const metric = state?.performance?.pooled ?? state?.lastOutcome?.point.metric
  return {
    name,
    predicts: definition.predicts,
    ...(definition.owner === undefined ? {} : { owner: definition.owner }),
    health: healthOf(summary),
    sentence: describeModel(summary),
    ...(served === undefined ? {} : { version: served.version, digest: served.digest }),
    ...(current === undefined ? {} : { servingSince: current.from }),
    predictions: {
      total: counts.predictions + streaming.scoredSinceStart(name),
      lastHour: state?.lastHour ?? 0,
      perMinute: state?.perMinute ?? 0,
    },
    ...(state?.p99 === undefined ? {} : { p99: state.p99 }),
    ...(metric === undefined || definition.task !== 'binary' ? {} : { auc: metric.value }),
    ...(metric === undefined || shown === undefined ? {} : { metric: { name: shown.metric, value: metric.value } }),
    openAlerts: await countAlerts(metadata, { model: name, state: 'open' }),
    candidates: candidates.filter((one) => versionStanding(one) === 'candidate').length,
  }
}

/**
 * Service, data, predictions and outcomes of a model on one time axis.
 * @throws TruelineError `unknown_model`
 */
export async function modelHealth(
  parts: Parts,
  model: string,
  range: { from?: number; to?: number; all?: boolean; features?: number; offset?: number },
): Promise<ModelHealth> {
  const { metadata, monitors, servings, project, clock, atRest } = parts
  const { served, fault: unserved } = servingOf(servings, model)
  const now = clock.now()
  await monitors.ask(model, 'all')
  const report = await readHealth(metadata, monitors.of(model), {
    ...{ model, now, fault: monitors.faultOf(model), unserved, atRest },
    ...range,
  })
  const releases = await releasesWithin(metadata, model, report)
  const shown = shownMetrics[project.models[model]!.task]
  const baseline = shown === undefined ? undefined : await baselineMetric(metadata, model, shown.metric)
  const { expected, alerts, service, prediction, outcome, features, ...rest } = report
  const objectives = monitors.objectivesOf(model)?.state(now)
  return {
    ...rest,
    ...(served === undefined ? {} : { digest: served.digest }),
    ...(expected === undefined || shown === undefined
      ? {}
      : { expected: { [shown.name]: expected.value, low: expected.low, high: expected.high } }),
    ...(baseline === undefined || shown === undefined ? {} : { baseline: { [shown.name]: baseline } }),
    releases,
    service: [...service],
    features: {
      ...features,
      strips: features.strips.map((strip) => ({ ...strip, points: [...strip.points] })),
    },
    prediction: prediction.map(predictionPoint),
    outcome: outcome.map((point) => outcomePoint(point, shown?.name)),
    parity: parityOf(parts, model),
    ...(objectives === undefined ? {} : { objectives: objectives.map(shownObjective) }),
    alerts: alerts.map(shownAlert),
  }
}

/** What changed within a time, oldest first, and before it what served at its beginning, and what that had replaced. */
async function releasesWithin(
  metadata: Parts['metadata'],
  model: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReleaseMarker[]> {
  const within = await listServing(metadata, model, { from, until: to + 1, limit: MOST_RELEASES })
  const before = await listServing(metadata, model, { until: from, limit: 2 })
  return [...within.items, ...before.items]
    .map(({ from: at, version, change, reason, by }) => ({ at, version, reason: reason ?? change, by: by.name }))
    .reverse()
}

/**
 * What models promise and how that stands: of one, or of all.
 * @throws TruelineError `unknown_model`
 */
export function listObjectives(
  { project, monitors, servings, clock }: Pick<Parts, 'project' | 'monitors' | 'servings' | 'clock'>,
  only?: string,
): ModelObjectives[] {
  if (only !== undefined) servingOf(servings, only)
  const names = only === undefined ? Object.keys(project.models) : [only]
  return names.flatMap((model) => {
    const states = monitors.objectivesOf(model)?.state(clock.now())
    return states === undefined ? [] : [{ model, objectives: states.map(shownObjective) }]
  })
}

function shownObjective({ burns, ...state }: StoredState): ObjectiveState {
  return { ...state, burns: [...burns] }
}

function predictionPoint({ drift, ...point }: HealthReport['prediction'][number]): PredictionPoint {
  return { ...point, verdict: drift.verdict, ...(drift.psi === undefined ? {} : { psi: drift.psi }) }
}

function outcomePoint(point: HealthReport['outcome'][number], name: 'auc' | 'logLoss' | undefined): OutcomePoint {
  const { from, to, predictions, known, mature, metric, logLoss, accuracy, macroAuc, positives, fault } = point
  const judged =
    metric === undefined || name === undefined ? {} : { [name]: metric.value, low: metric.low, high: metric.high }
  return {
    from,
    to,
    n: predictions,
    labelled: known,
    mature,
    positives,
    ...(logLoss === undefined ? {} : { logLoss }),
    ...judged,
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(macroAuc === undefined ? {} : { macroAuc }),
    ...(fault === undefined ? {} : { fault }),
  }
}

/** What the first model without windows promised: it is the baseline for ever. */
async function baselineMetric(
  metadata: Parts['metadata'],
  model: string,
  metric: 'auc' | 'log_loss',
): Promise<number | undefined> {
  const { items } = await listVersions(metadata, model, { variant: 'without_windows', limit: 1000 })
  const first = items.at(-1)
  if (first === undefined) return undefined
  const { evaluation } = await readVersion(metadata, model, first.version)
  return (evaluation as { metrics?: Partial<Record<string, { value: number }>> } | null)?.metrics?.[metric]?.value
}
