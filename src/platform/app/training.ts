import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../../core/clock.ts'
import type { Digest } from '../../core/digest.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import { planVector, sequencesOf, type Variant, type VectorPlan } from '../../data/features/vector.ts'
import type { Identity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { seedOf } from '../../language/define/trainer-definition.ts'
import type { ModelVersion } from '../../models/registry/model-version.ts'
import { finishRun, startRun } from '../../models/registry/runs.ts'
import { registerVersion } from '../../models/registry/versions.ts'
import { inputDigests } from '../../models/training/input-digests.ts'
import type { DatasetJudgement } from '../../models/training/judge-dataset.ts'
import { decisionPart } from '../../models/training/model-parts.ts'
import type { EventFile, Rival, TrainingJob, TrainingResult } from '../../models/training/training-job.ts'
import type { AlertDesk } from '../../operate/monitoring/alert-desk.ts'
import { contractOf, encodeContract } from '../../operate/serving/model-contract.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { TrainAnswer } from '../api/training-answers.ts'
import { type ImportRequest, provenanceOf, putFile } from './importing.ts'
import { type Servings, servingOf } from './predicting.ts'
import { keepVerdict } from './quality.ts'
import { baselineOf, rivalsOf } from './rivals.ts'
import { startTraining } from './start-training.ts'

export interface TrainingParts {
  readonly project: ProjectDefinition
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly servings: Servings
  readonly clock: Clock
  readonly logger: Logger
  readonly desk: AlertDesk
  /** Folder for the files of runs in progress. */
  readonly workFolder: string
  /** Folder of the project, where its programs run. */
  readonly projectFolder: string
}

export interface TrainRequest {
  readonly model: string
  readonly author: Identity
  readonly variant: Variant
  /** Trains on what was known then, microseconds; now unless given. */
  readonly at?: number | undefined
  /** A model that is judged in place of one that is trained. */
  readonly imported?: ImportRequest | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
  /** Breaks the training off. */
  readonly signal: AbortSignal
}

/**
 * Trains a candidate on everything known, judges it, and registers it whatever the verdict, so that a refusal can be
 * looked into. A full model brings its baseline along when there is none that it can be compared with. A model that comes from
 * elsewhere is judged in the same way.
 * @throws TruelineError `unknown_model`, `no_training_rows`, `training_failed` and the codes of `runTraining`;
 *   `platform_stopped` when the signal breaks it off
 */
export async function trainModel(parts: TrainingParts, request: TrainRequest): Promise<TrainAnswer> {
  const { model, variant } = request
  servingOf(parts.servings, model)
  const now = parts.clock.now()
  if (request.at !== undefined && request.at > now)
    throw new TruelineError('invalid_arguments', `${formatTime(request.at)} lies in the future.`, { path: 'at' })
  const lacksBaseline =
    variant === 'full' && hasWindows(parts.project, model) && (await baselineOf(parts, model)) === undefined
  if (!lacksBaseline) return await trainVariant(parts, request)
  const baseline = await trainVariant(parts, { ...request, imported: undefined, variant: 'without_windows' })
  return { ...(await trainVariant(parts, request)), baseline: baseline.version }
}

async function trainVariant(parts: TrainingParts, request: TrainRequest): Promise<TrainAnswer> {
  const { project, metadata } = parts
  const { model, variant, author, imported } = request
  const definition = project.models[model]!
  const plan = planVector(definition, project, variant)
  const { parameters } = definition.trainer
  const run = await startRun(metadata, {
    model,
    author,
    parameters: imported === undefined ? { ...parameters, variant } : { imported: provenanceOf(imported), variant },
    seed: seedOf(definition.trainer),
  })
  await mkdir(parts.workFolder, { recursive: true })
  const folder = await mkdtemp(join(parts.workFolder, `${run.id}-`))
  const judged: DatasetJudgement[] = []
  try {
    const job = await describeJob(parts, request, plan, folder)
    const result = await startTraining(job, { ...request, onJudged: (found) => judged.push(...found) })
    const { version, isNew } = await register(parts, request, plan, run.id, result)
    const metrics = metricsOf(result)
    await finishRun(metadata, run.id, {
      status: 'succeeded',
      metrics,
      data: result.dataset,
      environment: result.environment,
    })
    return {
      run: run.id,
      model,
      version: version.version,
      digest: version.digest,
      isNew,
      variant,
      dataset: { rows: result.dataset.rows, seconds: result.datasetSeconds, digest: result.dataset.content },
      trainSeconds: result.trainSeconds,
      ...(result.imported === undefined ? {} : { imported: result.imported }),
      metrics,
      gate: { verdict: result.gate.verdict, sentence: result.gate.sentence },
    }
  } catch (thrown) {
    const { code, message } = asTruelineError(thrown)
    try {
      await finishRun(metadata, run.id, { status: 'failed', error: { code, message } })
    } catch (second) {
      // Why the run failed says more than why that could not be written down; the next start marks it as failed.
      parts.logger.error(
        { run: run.id },
        `The end of ${run.id} could not be recorded: ${asTruelineError(second).message}`,
      )
    }
    throw thrown
  } finally {
    for (const judgement of judged) await keepVerdict(parts, { ...judgement, batch: run.id })
    await rm(folder, { recursive: true, force: true })
  }
}

/** The event log is flushed first, so that the files hold everything up to the offset named. */
async function describeJob(
  parts: TrainingParts,
  { model, variant, at, imported }: TrainRequest,
  plan: VectorPlan,
  folder: string,
): Promise<TrainingJob> {
  const { project, log, lake, clock, projectFolder } = parts
  await lake.flush()
  const definition = project.models[model]!
  const rivals = await rivalsOf(parts, model, variant)
  const read = [
    ...sequencesOf(plan).map(({ stream }) => stream),
    ...rivals.flatMap((rival) => streamsRead(rival, model)),
  ]
  const streams = new Set([definition.at, definition.label.from, ...read])
  const files: Record<string, readonly EventFile[]> = {}
  for (const stream of streams)
    files[stream] = lake.files(stream).map(({ path, digest, rows }) => ({ path, digest, rows }))
  return {
    project,
    model,
    variant,
    offset: log.flushedOffset,
    cut: at ?? clock.now(),
    files,
    rivals,
    ...(imported === undefined ? {} : { imported: await putFile(imported, folder) }),
    threads: Math.max(1, Math.min(4, availableParallelism())),
    projectFolder,
    folder,
  }
}

/** Streams that a rival's own vectors are made from. */
function streamsRead({ vectors }: Rival, model: string): string[] {
  if (vectors.kind !== 'own') return []
  const { project, variant } = vectors
  return sequencesOf(planVector(project.models[model]!, project, variant)).map(({ stream }) => stream)
}

function hasWindows(project: ProjectDefinition, model: string): boolean {
  return planVector(project.models[model]!, project).groups.length > 0
}

async function register(
  { project, metadata, artifacts }: TrainingParts,
  { model, variant, author, imported }: TrainRequest,
  plan: VectorPlan,
  runId: string,
  result: TrainingResult,
): Promise<{ readonly version: ModelVersion; readonly isNew: boolean }> {
  const definition = project.models[model]!
  const contract = contractOf(definition, project, plan)
  const manifest = {
    scorer: await artifacts.put(await readFile(result.scorerFile)),
    encoders: await artifacts.put(await readFile(result.encodersFile)),
    ...(result.calibrationFile === undefined
      ? {}
      : { calibration: await artifacts.put(await readFile(result.calibrationFile)) }),
    decision: await artifacts.put(decisionPart(definition)),
    contract: await artifacts.put(encodeContract(contract)),
    features: inputDigests(plan, project, model),
  }
  const attachments = {
    ...(result.onnxFile === undefined ? {} : { onnx: await artifacts.put(await readFile(result.onnxFile)) }),
    ...(imported === undefined ? {} : { source: await artifacts.put(imported.content) }),
    ...(await putFiles(artifacts, result.program?.files ?? {})),
    golden: await artifacts.put(await readFile(result.goldenFile)),
    ...(result.referenceFile === undefined
      ? {}
      : { monitoring: await artifacts.put(await readFile(result.referenceFile)) }),
  }
  return await registerVersion(metadata, artifacts, {
    model,
    variant,
    manifest,
    attachments,
    definition: project,
    evaluation: {
      ...result.evaluation,
      importance: result.importance,
      trees: result.trees,
      ...(imported === undefined ? {} : { imported: { ...result.imported, ...provenanceOf(imported) } }),
      ...(result.program === undefined ? {} : { program: { ...result.imported, claimed: result.program.metrics } }),
    },
    gate: result.gate,
    runId,
    author,
  })
}

async function putFiles(
  artifacts: Artifacts,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, Digest>>> {
  const put: Record<string, Digest> = {}
  for (const [name, path] of Object.entries(files)) put[name] = await artifacts.put(await readFile(path))
  return put
}

/** What was measured here, and what a program says that it measured, which never takes the name of something measured here. */
function metricsOf({ evaluation, program }: TrainingResult): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const [name, value] of Object.entries(program?.metrics ?? {}))
    metrics[Object.hasOwn(evaluation.metrics, name) ? `program.${name}` : name] = value
  for (const [name, estimate] of Object.entries(evaluation.metrics))
    if (estimate !== undefined) metrics[name] = estimate.value
  return metrics
}
