import { availableParallelism } from 'node:os'
import process from 'node:process'
import { packageVersion } from '../../../core/package-version.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import { judgeStep, kneeOf } from '../../../operate/readiness/judge-load.ts'
import type { LoadJudgement } from '../../../operate/readiness/load-test.ts'
import { keepLoadTest } from '../../../operate/readiness/load-test-store.ts'
import type { LoadTestAnswer, LoadTestEnd, LoadTestStart } from '../../api/load-test-answers.ts'
import type { Parts } from '../assemble-platform.ts'
import { versionServing } from '../predicting.ts'
import { recentRows } from './recent-rows.ts'

type LoadParts = Pick<Parts, 'project' | 'lake' | 'servings' | 'metadata' | 'clock' | 'loadTests'>

/**
 * Begins a load test of a model and gives what it needs. Who began it is in the audit log: from then on requests can be
 * marked to be left out of what is watched.
 * @param limit newest rows of the stream that are given to ask with; 0 for whoever has rows, and needs none that may be shown
 * @throws TruelineError `unknown_model`, `unknown_version`, `no_rows_to_ask`
 */
export async function beginLoadTest(
  parts: LoadParts,
  name: string,
  limit: number,
  by: Identity,
): Promise<LoadTestStart> {
  const served = versionServing(parts.servings, name)
  const { version, digest } = served
  const slo = parts.project.models[name]?.serve.slo
  const rows = limit === 0 ? [] : await recentRows(parts, name, limit)
  const { metadata, clock, loadTests } = parts
  await metadata.database.transaction().execute(async (transaction) => {
    const after = { version }
    await recordAct(transaction, { by, at: clock.now(), action: 'model.loadtest.begin', target: name, after })
  })
  return { model: name, version, digest, token: loadTests.begin(name), ...(slo === undefined ? {} : { slo }), rows }
}

/**
 * Judges what was measured and keeps it as evidence about the version that serves. The verdict is that of the lowest rate: the
 * higher ones of a test with several look for where the load becomes too much.
 * @throws TruelineError `unknown_model`, `unknown_version`
 */
export async function endLoadTest(
  { project, servings, metadata, clock, loadTests }: LoadParts,
  name: string,
  { digest, token, settings, steps }: LoadTestEnd,
  by: Identity,
): Promise<LoadTestAnswer> {
  loadTests.end(token)
  const served = versionServing(servings, name)
  const slo = project.models[name]?.serve.slo
  const judged = steps
    .map((step) => ({ ...step, ...(served.digest === digest ? judgeStep(step, slo) : otherVersion) }))
    .sort((a, b) => a.client.rate - b.client.rate)
  const { verdict, reasons } = judged[0]!
  return await keepLoadTest(metadata, {
    ...{ model: name, version: served.version, digest: served.digest, at: clock.now(), by, verdict, reasons },
    program: packageVersion,
    host: { cpus: availableParallelism(), node: process.version, platform: `${process.platform} ${process.arch}` },
    ...{ settings, steps: judged, knee: served.digest === digest ? kneeOf(steps, slo) : {} },
    ...(slo === undefined ? {} : { slo }),
  })
}

const otherVersion: LoadJudgement = {
  verdict: 'insufficient',
  reasons: ['Another version began to serve meanwhile.'],
}
