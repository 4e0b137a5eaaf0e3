import { TruelineError } from '../../core/errors.ts'
import type { CheckResult } from '../../data/quality/quality-run.ts'
import { batchScopes, standingFailure } from '../../data/quality/standing-failure.ts'
import { listVerdicts, type StoredVerdict } from '../../data/quality/verdict-store.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'

/**
 * Refuses to let a version serve while the data speaks against it: the newest rows that it was judged on breach what its
 * model demands for serving, or are too few to say; or a batch of a stream that it reads failed a check that is in force,
 * and nothing judged since says that it holds.
 * @throws TruelineError `quality_gate_failed`
 */
export async function refuseBadData(
  { metadata, project: now }: { readonly metadata: Metadata; readonly project: ProjectDefinition },
  model: string,
  number: number,
): Promise<void> {
  const version = await readVersion(metadata, model, number)
  const project = await readVersionDefinition(metadata, version)
  const definition = project.models[model]!
  const demands = definition.quality?.serving.length ?? 0
  const served = demands === 0 ? undefined : await newestServed(metadata, model, version.runId)
  if (served !== undefined && (served.verdict === 'fail' || served.verdict === 'insufficient'))
    throw refusal(
      `${model} v${number}`,
      served,
      served.results.find(({ verdict }) => verdict === served.verdict),
    )
  const groups = Object.values(project.features).filter(({ name }) => version.manifest.features[name] !== undefined)
  for (const stream of new Set([definition.at, ...groups.map(({ from }) => from)])) {
    const standing = await standingFailure(metadata, `stream/${stream}`, now.streams[stream], batchScopes)
    if (standing !== undefined) throw refusal(`${model} v${number} reads ${stream}`, standing.verdict, standing.result)
  }
}

async function newestServed(metadata: Metadata, model: string, run: string): Promise<StoredVerdict | undefined> {
  const { verdicts } = await listVerdicts(metadata, {
    ...{ subject: `model/${model}`, scope: 'serving', batch: run, limit: 1 },
  })
  return verdicts[0]
}

function refusal(what: string, { verdict, batch, id }: StoredVerdict, result: CheckResult | undefined): TruelineError {
  return new TruelineError('quality_gate_failed', `${what}: ${batch}: ${result?.sentence ?? verdict}`, { path: id })
}
