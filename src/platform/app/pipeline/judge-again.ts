import type { Digest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import { modelDifferences } from '../../../language/define/digest.ts'
import { modelDigest } from '../../../models/registry/manifest.ts'
import { type ModelVersion, versionName } from '../../../models/registry/model-version.ts'
import { readRun } from '../../../models/registry/runs.ts'
import { readVersion, readVersionDefinition } from '../../../models/registry/versions.ts'
import type { DatasetManifest, TrainingResult } from '../../../models/training/training-job.ts'
import type { ImportRequest, provenanceOf } from '../importing.ts'
import type { RunToBegin } from './begin-run.ts'
import { manifestOfResult } from './register-candidate.ts'
import type { TrainingParts } from './training-parts.ts'
import { type JudgedVersion, type KeptRequest, keepRequest, type TrainRequest } from './training-request.ts'

/**
 * The request by which a version is judged again: as it was made, of the same rows, with the gate as it is now. What is kept
 * of its steps is taken; without it they are done again, to the same bits.
 * @throws TruelineError `unknown_version`; `cannot_judge_again` when what it is made of is defined otherwise now, or is not
 *   on record
 */
export async function requestToJudge(
  { metadata, artifacts, project }: Pick<TrainingParts, 'metadata' | 'artifacts' | 'project'>,
  { model, author, cache }: Pick<TrainRequest, 'model' | 'author' | 'cache'>,
  number: number,
): Promise<Omit<RunToBegin, 'at'>> {
  const version = await readVersion(metadata, model, number)
  const before = await readVersionDefinition(metadata, version)
  requireSameMeaning(version, before, project)
  const { data } = await readRun(metadata, version.runId)
  const { files, cut, offset } = (data ?? {}) as Partial<DatasetManifest>
  if (files === undefined || cut === undefined || offset === undefined)
    throw impossible(version, 'the rows that it was judged on are not on record')
  const imported = await importedAs(artifacts, version)
  const request = await keepRequest(artifacts, project, {
    ...{ model, author, variant: version.variant, cache },
    ...(imported === undefined ? {} : { imported }),
  })
  const judges: JudgedVersion = { version: number, digest: version.digest, snapshot: { offset, cut, files } }
  return { request: { ...request, judges }, imported }
}

function requireSameMeaning(version: ModelVersion, before: ProjectDefinition, project: ProjectDefinition): void {
  const { model } = version
  const [was, is] = [before.models[model], project.models[model]]
  if (was === undefined || is === undefined) throw impossible(version, 'the project does not define the model')
  const others = modelDifferences([{ ...was, gate: is.gate }, before], [is, project])
  if (others.length === 0) return
  const parts = new Intl.ListFormat('en').format(others.map((name) => `'${name}'`))
  throw impossible(version, `more than its gate is defined otherwise now: ${parts}`)
}

/** The file of a model that came from elsewhere, as its import had it. */
async function importedAs(
  artifacts: TrainingParts['artifacts'],
  { attachments, evaluation }: ModelVersion,
): Promise<ImportRequest | undefined> {
  const { imported } = (evaluation ?? {}) as { readonly imported?: Partial<ReturnType<typeof provenanceOf>> }
  const { source } = attachments
  if (imported === undefined || source === undefined) return undefined
  return {
    ...{ content: await artifacts.get(source), digest: source as Digest, byOrder: imported.inputs === 'by order' },
    claimed: imported.claimed ?? {},
    ...(imported.from === undefined ? {} : { from: imported.from }),
  }
}

/**
 * Refuses what came of a run that was to judge a version, where it is another model: nothing of it is registered.
 * @throws TruelineError `cannot_judge_again`
 */
export async function requireSameModel(
  { metadata, artifacts }: Pick<TrainingParts, 'metadata' | 'artifacts'>,
  { project, request: { model, variant } }: { readonly project: ProjectDefinition; readonly request: KeptRequest },
  { version, digest }: JudgedVersion,
  result: TrainingResult,
): Promise<void> {
  const manifest = await manifestOfResult(artifacts, { project, model, variant }, result)
  if (modelDigest(manifest) === digest) return
  throw impossible(await readVersion(metadata, model, version), 'it is another model when it is made again')
}

function impossible({ model, version }: ModelVersion, why: string): TruelineError {
  return new TruelineError('cannot_judge_again', `${versionName(model, version)} cannot be judged again: ${why}.`, {
    remedy: `Train another: \`trueline train ${model}\`. It is judged by the gate as it is.`,
  })
}
