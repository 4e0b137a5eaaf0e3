import { readFile } from 'node:fs/promises'
import type { Digest } from '../../../core/digest.ts'
import { planVector } from '../../../data/features/vector.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { TrackedTrial } from '../../../models/experiments/training-trials.ts'
import type { ModelManifest } from '../../../models/registry/manifest.ts'
import type { ModelVersion } from '../../../models/registry/model-version.ts'
import { registerVersion } from '../../../models/registry/versions.ts'
import { inputDigests } from '../../../models/training/input-digests.ts'
import { decisionPart } from '../../../models/training/model-parts.ts'
import type { TrainingJob, TrainingResult } from '../../../models/training/training-job.ts'
import { contractOf, encodeContract } from '../../../operate/serving/model-contract.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import { type ImportRequest, provenanceOf } from '../importing.ts'
import type { TrainingParts } from './training-parts.ts'
import type { KeptRequest } from './training-request.ts'

/** The parts that a model is, put among the artifacts. */
export async function manifestOfResult(
  artifacts: Pick<Artifacts, 'put'>,
  { project, model, variant }: Pick<TrainingJob, 'project' | 'model' | 'variant'>,
  result: TrainingResult,
): Promise<ModelManifest> {
  const definition = project.models[model]!
  const plan = planVector(definition, project, variant)
  return {
    scorer: await artifacts.put(await readFile(result.scorerFile)),
    encoders: await artifacts.put(await readFile(result.encodersFile)),
    ...(result.calibrationFile === undefined
      ? {}
      : { calibration: await artifacts.put(await readFile(result.calibrationFile)) }),
    decision: await artifacts.put(decisionPart(definition)),
    contract: await artifacts.put(encodeContract(contractOf(definition, project, plan))),
    features: inputDigests(plan, project, model),
  }
}

/** What is registered of a run: of content that the model has a version of, there is no other one. */
export async function registerCandidate(
  { metadata, artifacts }: TrainingParts,
  project: ProjectDefinition,
  { model, variant, author }: KeptRequest,
  runId: string,
  result: TrainingResult,
  imported: ImportRequest | undefined,
): Promise<{ readonly version: ModelVersion; readonly isNew: boolean }> {
  const manifest = await manifestOfResult(artifacts, { project, model, variant }, result)
  const attachments = {
    ...(result.onnxFile === undefined ? {} : { onnx: await artifacts.put(await readFile(result.onnxFile)) }),
    ...(result.explanationFile === undefined
      ? {}
      : { explanation: await artifacts.put(await readFile(result.explanationFile)) }),
    ...(imported === undefined ? {} : { source: await artifacts.put(imported.content) }),
    ...(await putFiles(artifacts, result.program?.files ?? {})),
    golden: await artifacts.put(await readFile(result.goldenFile)),
    ...(result.referenceFile === undefined
      ? {}
      : { monitoring: await artifacts.put(await readFile(result.referenceFile)) }),
  }
  const registered = await registerVersion(metadata, artifacts, {
    ...{ model, variant, manifest, attachments, definition: project, runId, author, gate: result.gate },
    evaluation: {
      ...result.evaluation,
      importance: result.importance,
      trees: result.trees,
      ...howLearnt(result),
      ...(imported === undefined ? {} : { imported: { ...result.imported, ...provenanceOf(imported) } }),
      ...(result.program === undefined ? {} : { program: { ...result.imported, claimed: result.program.metrics } }),
    },
    holds: result.dataset.files,
    ...(imported?.logged === undefined ? {} : { logged: imported.logged }),
  })
  // A run that was broken off after it had registered its version, and is taken up, is the one that made it.
  return { ...registered, isNew: registered.version.runId === runId }
}

/** What the trainer chose, and how it was judged before the test. */
function howLearnt({ chosen, search, folds }: TrainingResult): Pick<TrainingResult, 'chosen' | 'search' | 'folds'> {
  return {
    ...(chosen === undefined ? {} : { chosen }),
    ...(search === undefined ? {} : { search }),
    ...(folds === undefined ? {} : { folds }),
  }
}

async function putFiles(
  artifacts: Artifacts,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, Digest>>> {
  const put: Record<string, Digest> = {}
  for (const [name, path] of Object.entries(files)) put[name] = await artifacts.put(await readFile(path))
  return put
}

/** The trials of a run's search, as its experiment shows them. */
export function trialsOf(run: string, { search }: TrainingResult): TrackedTrial[] {
  if (search === undefined) return []
  return search.trials.map(({ number, parameters, rounds }) => ({
    ...{ name: `${run}, trial ${number}`, parameters, metric: search.metric, values: rounds.map(({ value }) => value) },
    error: rounds.at(-1)?.error,
  }))
}

/** What was measured here, and what a program says that it measured, which never takes the name of something measured here. */
export function metricsOfResult({ evaluation, program, folds }: TrainingResult): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const [name, value] of Object.entries(program?.metrics ?? {}))
    metrics[Object.hasOwn(evaluation.metrics, name) ? `program.${name}` : name] = value
  for (const [name, estimate] of Object.entries(evaluation.metrics))
    if (estimate !== undefined) metrics[name] = estimate.value
  for (const [name, { mean, deviation }] of Object.entries(folds?.metrics ?? {})) {
    metrics[`${name}_folds_mean`] = mean
    metrics[`${name}_folds_deviation`] = deviation
  }
  return metrics
}
