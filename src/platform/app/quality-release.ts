import { TruelineError } from '../../core/errors.ts'
import { listVerdicts, type QualityScope, type StoredVerdict } from '../../data/quality/verdict-store.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'

/**
 * Refuses to let a version serve while the data speaks against it: the newest rows that it was judged on breach what its
 * model demands for serving, or are too few to say; or the newest batch of a stream that it reads failed its checks.
 * @throws TruelineError `quality_gate_failed`
 */
export async function refuseBadData(metadata: Metadata, model: string, number: number): Promise<void> {
  const version = await readVersion(metadata, model, number)
  const project = await readVersionDefinition(metadata, version)
  const definition = project.models[model]!
  const demands = definition.quality?.serving.length ?? 0
  const served = demands === 0 ? undefined : await newest(metadata, `model/${model}`, ['serving'], version.runId)
  if (served !== undefined && (served.verdict === 'fail' || served.verdict === 'insufficient'))
    throw refusal(`${model} v${number}`, served)
  const groups = Object.values(project.features).filter(({ name }) => version.manifest.features[name] !== undefined)
  for (const stream of new Set([definition.at, ...groups.map(({ from }) => from)])) {
    const last = await newest(metadata, `stream/${stream}`, ['window', 'source', 'import'])
    if (last?.verdict === 'fail') throw refusal(`${model} v${number} reads ${stream}`, last)
  }
}

async function newest(
  metadata: Metadata,
  subject: string,
  scopes: readonly QualityScope[],
  batch?: string,
): Promise<StoredVerdict | undefined> {
  const { verdicts } = await listVerdicts(metadata, { subject, batch, limit: 50 })
  return verdicts.find(({ scope }) => scopes.includes(scope))
}

function refusal(what: string, { verdict, batch, results, id }: StoredVerdict): TruelineError {
  const told = results.find((result) => result.verdict === verdict)
  return new TruelineError('quality_gate_failed', `${what}: ${batch}: ${told?.sentence ?? verdict}`, { path: id })
}
