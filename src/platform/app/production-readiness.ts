import { listVerdicts } from '../../data/quality/verdict-store.ts'
import { standingOf } from '../../models/registry/decisions.ts'
import { manifestArtifacts } from '../../models/registry/manifest.ts'
import type { ModelVersion } from '../../models/registry/model-version.ts'
import { readRun } from '../../models/registry/runs.ts'
import { listServing } from '../../models/registry/serving-history.ts'
import { listSignatures } from '../../models/registry/signing/signature-store.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { alertKinds } from '../../operate/monitoring/alert-kinds.ts'
import { listAlerts } from '../../operate/monitoring/alert-store.ts'
import { listLoadTests } from '../../operate/readiness/load-test-store.ts'
import { readParity } from '../../operate/readiness/parity-record.ts'
import { judgeRequirements, type ReadinessFacts } from '../../operate/readiness/requirements.ts'
import { hasTriggers } from '../../operate/retraining/outlook.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { ReadinessHost } from '../api/readiness-answers.ts'
import type { RetrainingHost } from '../api/retraining-answers.ts'
import type { Parts } from './assemble-platform.ts'
import type { Explaining } from './explaining.ts'
import { versionServing } from './predicting.ts'
import { failureOn } from './quality.ts'
import { drillsOf, EVIDENCE, evidenceOf, keepDrill, keepOfVersion } from './readiness-evidence.ts'
import { createRebuilding } from './rebuild/rebuild-here.ts'
import { settle } from './recorded.ts'
import { hasArrived } from './test-alert.ts'

/** Desks that are asked beside what is on record. */
interface Asked {
  readonly explaining: Explaining
  readonly retraining: Pick<RetrainingHost, 'history'>
}

/** Newest entries that are looked through for one. */
const LOOKED_THROUGH = 100

/** Computes readiness from what is on record. */
export function createReadiness(parts: Parts, asked: Asked): ReadinessHost {
  const { metadata, servings, clock } = parts
  return {
    async of(model) {
      const served = versionServing(servings, model)
      const version = await readVersion(metadata, model, served.version)
      const requirements = judgeRequirements(await factsOf(parts, asked, served, version), clock.now())
      return {
        ...{ model, version: served.version, digest: served.digest },
        met: requirements.filter(({ state }) => state === 'pass').length,
        requirements,
      }
    },
    rebuild: createRebuilding(parts),
    keepRebuild: (model, evidence, actor) => keepOfVersion(parts, EVIDENCE.rebuilt, model, evidence, actor),
    keepPackage: (model, evidence, actor) => keepOfVersion(parts, EVIDENCE.packed, model, evidence, actor),
    keepImage: (model, { reason, ...evidence }, actor) =>
      keepOfVersion(parts, EVIDENCE.image, model, evidence, actor, reason),
    keepDrill: (evidence, actor) => keepDrill(parts, evidence, actor),
  }
}

async function factsOf(
  parts: Parts,
  { explaining, retraining }: Asked,
  served: ServedVersion,
  version: ModelVersion,
): Promise<ReadinessFacts> {
  const { metadata, project } = parts
  const { name: model, serve, retrain } = project.models[served.model.name]!
  const run = await readRun(metadata, version.runId)
  const { needed, given } = await standingOf(metadata, version)
  const isThere = await explaining.of(served).then(
    () => true,
    () => false,
  )
  return {
    ...{ model, version: served.version },
    ...(await evidenceOf(parts, version)),
    artifacts: await artifactsOf(parts, version),
    hasDataset: typeof (run.data as { content?: unknown } | null)?.content === 'string',
    isSigned: (await listSignatures(metadata, model, served.version)).length > 0,
    retraining: {
      hasTriggers: retrain !== undefined && hasTriggers(retrain),
      ...present('last', await newestTraining(retraining, model)),
    },
    ...present('parity', await readParity(metadata, model)),
    ...present('quality', await qualityOf(parts, served)),
    ...present('gate', version.gate ?? undefined),
    approvals: { needed, given: given.length },
    explanation: { isOwed: serve.adverse !== undefined, isThere },
    stream: project.models[served.model.name]!.at,
    hasObjective: serve.slo !== undefined,
    ...present('loadTest', await newestLoadTest(parts, served)),
    ...present('predictedAt', await newestPrediction(parts, model)),
    alerts: {
      leave: project.alerts !== undefined,
      ...present('acknowledged', await newestAcknowledged(parts, model)),
    },
    ...present('rolledBack', await newestRollback(parts, model)),
    drills: await drillsOf(parts),
    runbooks: Object.keys(alertKinds).length,
  }
}

/** A member that is only there with a value. */
function present<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [_ in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [_ in Name]: Value })
}

async function artifactsOf(
  { artifacts }: Parts,
  { manifest, attachments }: ModelVersion,
): Promise<ReadinessFacts['artifacts']> {
  const all = Object.entries({ ...manifestArtifacts(manifest), ...attachments })
  const faults: string[] = []
  for (const [part, digest] of all) {
    const state = await artifacts.check(digest)
    if (state !== 'whole') faults.push(`${part} is ${state}`)
  }
  return { count: all.length, faults }
}

async function newestTraining(
  retraining: Asked['retraining'],
  model: string,
): Promise<ReadinessFacts['retraining']['last']> {
  const { decisions } = await retraining.history({ model, runs: true, limit: LOOKED_THROUGH })
  const ended = decisions.find(({ trigger, outcomes }) => trigger !== 'asked' && outcomes.length > 0)
  const last = ended?.outcomes.at(-1)
  return last === undefined ? undefined : { at: last.at, failed: last.outcome === 'failed' }
}

/** Of the newest verdicts on what the model learns from and reads, a failure that stands, or the newest. */
async function qualityOf(parts: Parts, { model, plan }: ServedVersion): Promise<ReadinessFacts['quality']> {
  const read = plan.groups.flatMap(({ definition }) => [`features/${definition.name}`, `stream/${definition.from}`])
  const newest = await Promise.all(
    [...new Set([`model/${model.name}`, `stream/${model.at}`, ...read])].map(async (subject) => {
      const [last] = (await listVerdicts(parts.metadata, { subject, limit: 1 })).verdicts
      if (last === undefined) return undefined
      // A failure that does not stand was of checks that are in force no more.
      return (await failureOn(parts, last)) ?? (last.verdict === 'fail' ? undefined : last)
    }),
  )
  const judged = newest.flatMap((one) => (one === undefined ? [] : [{ at: one.at, verdict: one.verdict }]))
  return judged.find(({ verdict }) => verdict === 'fail') ?? judged.toSorted((a, b) => b.at - a.at)[0]
}

async function newestLoadTest(
  { metadata }: Parts,
  { model, digest }: ServedVersion,
): Promise<ReadinessFacts['loadTest']> {
  const [test] = await listLoadTests(metadata, { model: model.name, digest, limit: 1 })
  if (test === undefined) return undefined
  const { number, at, by, verdict, slo } = test
  return { number, at, by, verdict, promises: slo !== undefined }
}

async function newestPrediction(parts: Parts, model: string): Promise<number | undefined> {
  await settle(parts)
  const {
    found: [newest],
  } = await parts.predictions.newest({ model, limit: 1 })
  return newest?.prediction.servedAt
}

async function newestAcknowledged(
  { metadata }: Parts,
  model: string,
): Promise<ReadinessFacts['alerts']['acknowledged']> {
  const { items } = await listAlerts(metadata, { model, limit: LOOKED_THROUGH })
  for (const alert of items)
    if (alert.acknowledgedBy !== undefined && hasArrived(alert))
      return { at: alert.lastSeenAt, by: alert.acknowledgedBy }
  return undefined
}

async function newestRollback({ metadata }: Parts, model: string): Promise<ReadinessFacts['rolledBack']> {
  const { items } = await listServing(metadata, model, { limit: LOOKED_THROUGH })
  const last = items.find(({ change }) => change === 'rollback')
  return last === undefined ? undefined : { at: last.from, by: last.by.name }
}
