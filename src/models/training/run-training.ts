import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import type { Digest } from '../../core/digest.ts'
import { planVector } from '../../data/features/vector.ts'
import { gapOf } from '../../language/define/split-folds.ts'
import { seedOf } from '../../language/define/trainer-definition.ts'
import { digestOfFile } from '../../stores/lake/file-digest.ts'
import { decodeScorer } from '../inference/decode-scorer.ts'
import { decodeEncoders } from '../inference/encoders.ts'
import { calibrateScores } from './calibrate-scores.ts'
import type { Candidate } from './candidate.ts'
import type { Dataset } from './dataset.ts'
import { environmentOf } from './environment.ts'
import { type Evaluation, evaluate, type Judged } from './evaluate.ts'
import { explanationOf } from './explain-candidate.ts'
import { fitEncoders } from './fit-encoders.ts'
import type { GateResult } from './gate.ts'
import { judgeStep } from './gate-step.ts'
import { goldenRows } from './golden-rows.ts'
import { type ReadImport, readImport, requireFinite, requireProbabilities } from './import-candidate.ts'
import { type DatasetJudgement, judgeDataset, refuseBadRows } from './judge-dataset.ts'
import type { LeakReportOfRows } from './leaks/leak-finding.ts'
import { leakStep, refuseLeaks } from './leaks/leak-step.ts'
import { type Learnt, learnModel } from './learn-model.ts'
import { isParted, learningRows } from './learning-rows.ts'
import { learntOf } from './learnt-of.ts'
import { meanContributions } from './mean-contributions.ts'
import { noOutcomeError } from './no-outcome.ts'
import { type KeptDataset, keepDataset } from './pipeline/dataset-steps.ts'
import { writeDoubles } from './pipeline/doubles-file.ts'
import type { StepOutput } from './pipeline/step-cache.ts'
import type { StepEvent } from './pipeline/step-event.ts'
import { createStepRunner, type Step, type StepRunner } from './pipeline/step-runner.ts'
import { keepRivalScores } from './score-rivals.ts'
import { scoreRows } from './score-rows.ts'
import { segmentRows } from './segments.ts'
import type { DatasetResult, TrainingJob, TrainingResult } from './training-job.ts'

/** Share of the work, for progress. */
const DATASET_DONE = 0.4
const TREES_DONE = 0.9
const LEAKS_FROM = 0.8
/** Rows that a search for leaks that somebody asked for makes again. */
const RECOMPUTED = 6

/** A training with the rows that it saw, for who describes them. */
export interface Trained {
  readonly result: Pick<TrainingResult, 'dataset' | 'inputs' | 'importance' | 'evaluation'>
  readonly train: { readonly times: Float64Array; readonly columns: readonly Float64Array[] }
  readonly test: Judged
}

/** Who follows a training. */
export interface TrainingWatch {
  /** Told in one sentence what is being done, and the share done. */
  readonly onProgress: (sentence: string, done: number) => void
  /** Told what became of the rows at their checks, before they are refused for it. */
  readonly onJudged?: (judgements: readonly DatasetJudgement[]) => void
  readonly onStep?: (event: StepEvent) => void
  /** Says as text what the version's monitors will compare with. */
  readonly describe?: (trained: Trained) => string
}

/** What the steps of a training share. */
interface Work {
  readonly job: TrainingJob
  readonly watch: TrainingWatch
  readonly runner: StepRunner
  readonly dataset: KeptDataset
}

/**
 * Builds the dataset of a job, trains on its first part, stops by the second, and judges on the third; or judges the model of
 * a file in the same way. Each step is done once for all that it is a function of: see `createStepRunner`.
 * @throws TruelineError `quality_gate_failed` when the rows breach their checks, `leak_found`, `single_class`, and the codes of
 *   `keepDataset`, of the trainer and of `readImport`
 */
export async function runTraining(job: TrainingJob, watch: TrainingWatch): Promise<TrainingResult> {
  const { onProgress, onStep = () => undefined } = watch
  const started = performance.now()
  // Before minutes are spent on rows.
  const imported =
    job.imported === undefined
      ? undefined
      : {
          ...(await readImport(job.imported, job.project.models[job.model]!.label.classes)),
          digest: await digestOfFile(job.imported.path),
        }
  const runner = createStepRunner(job, onStep)
  const dataset = await keepDataset(job, runner, (sentence, done) => onProgress(sentence, done * DATASET_DONE))
  const datasetSeconds = (performance.now() - started) / 1000
  const work: Work = { job, watch, runner, dataset }
  await validate(work)
  refuseLeaks(await leakStep(job, runner, dataset))
  const trainingStarted = performance.now()
  const trained = await train(work, imported)
  const trainSeconds = (performance.now() - trainingStarted) / 1000
  onProgress('evaluating', TREES_DONE)
  const evaluated = await evaluateCandidate(work, trained)
  const rivals = await keepRivalScores(job, runner, dataset)
  const gate = await judgeStep({ job, runner, dataset, trained, evaluated, rivals })
  const pathOf = ({ files }: StepOutput, name: string): string | undefined =>
    files[name] === undefined ? undefined : runner.path(files[name])
  const { manifest } = dataset
  const calibrationFile = pathOf(evaluated, 'calibration.json')
  const referenceFile = pathOf(evaluated, 'monitoring.json')
  const onnxFile = pathOf(trained, 'model.onnx')
  const explanationFile = pathOf(trained, 'explanation.bin')
  const { program, ...figures } = trained.figures as TrainFigures
  return {
    dataset: manifest,
    ...{ datasetSeconds, trainSeconds, ...figures },
    inputs: inputsOf(job),
    features: manifest.features,
    evaluation: evaluated.figures as Evaluation,
    gate: gate.figures as GateResult,
    scorerFile: pathOf(trained, 'scorer.bin')!,
    encodersFile: pathOf(trained, 'encoders.json')!,
    ...(calibrationFile === undefined ? {} : { calibrationFile }),
    ...(onnxFile === undefined ? {} : { onnxFile }),
    ...(explanationFile === undefined ? {} : { explanationFile }),
    ...(referenceFile === undefined ? {} : { referenceFile }),
    goldenFile: pathOf(evaluated, 'golden.json')!,
    ...(program === undefined
      ? {}
      : {
          program: {
            metrics: program.metrics,
            files: Object.fromEntries(program.files.map((name) => [name, pathOf(trained, programFile(name))!])),
          },
        }),
  }
}

/**
 * Builds the dataset of a job and nothing more.
 * @throws TruelineError as `keepDataset` does
 */
export async function runDataset(
  job: TrainingJob,
  { onProgress, onStep = () => undefined }: TrainingWatch,
): Promise<DatasetResult> {
  const { manifest, file } = await keepDataset(job, createStepRunner(job, onStep), onProgress)
  return { manifest, file }
}

/**
 * Searches the rows of a job for leaks and nothing more.
 * @throws TruelineError as `keepDataset` does
 */
export async function runLeakCheck(
  job: TrainingJob,
  { onProgress, onStep = () => undefined }: TrainingWatch,
): Promise<LeakReportOfRows> {
  const runner = createStepRunner(job, onStep)
  const dataset = await keepDataset(job, runner, (sentence, done) => onProgress(sentence, done * LEAKS_FROM))
  onProgress('searching for leaks', LEAKS_FROM)
  return await leakStep(job, runner, dataset, RECOMPUTED)
}

function inputsOf({ project, model, variant }: TrainingJob) {
  return planVector(project.models[model]!, project, variant).inputs
}

async function validate({ job, watch, runner, dataset }: Work): Promise<void> {
  const { features, quality, task } = job.project.models[job.model]!
  const expected = features.map((given) => {
    const input = given.kind === 'encoded' ? given.input : given
    return input.kind === 'features' ? job.project.features[input.name]!.expect : []
  })
  const judged = await runner.run({
    name: 'validate',
    of: { ...dataset.of, expected, quality, cut: job.cut },
    async work() {
      const rows = await dataset.rows()
      const judgements = judgeDataset(job, rows, testFrom(dataset))
      return { figures: { judgements, outcomes: rows.outcomes } }
    },
  })
  const { judgements, outcomes } = judged.figures as { judgements: DatasetJudgement[]; outcomes: number }
  if (judgements.length > 0) watch.onJudged?.(judgements)
  refuseBadRows(judgements)
  if (job.imported === undefined && task !== 'regression' && outcomes === 0)
    throw noOutcomeError(job, dataset.manifest.rows)
}

/** What the step that trains says beside its files. */
interface TrainFigures
  extends Pick<TrainingResult, 'environment'>,
    Omit<Learnt, 'candidate'>,
    Omit<Candidate, 'encoders' | 'scorer' | 'bytes' | 'onnx' | 'explanation' | 'program' | 'imported'> {
  readonly imported?: NonNullable<Candidate['imported']>
  /** What a program measured, and the names of the files that it gave beside the model. */
  readonly program?: { readonly metrics: Readonly<Record<string, number>>; readonly files: readonly string[] }
}

/** Trainers that run what nothing here pins: they are asked again by each run. */
const looksOutside: readonly string[] = ['command']

const programFile = (name: string): string => `program.${name}`

async function train(
  { job, watch, runner, dataset }: Work,
  imported: (ReadImport & { readonly digest: Digest }) | undefined,
): Promise<StepOutput> {
  const model = job.project.models[job.model]!
  const { trainer, gate } = model
  const file = imported === undefined ? null : { digest: imported.digest, byOrder: job.imported!.byOrder }
  const of = { ...dataset.of, model: learntOf(job), variant: job.variant, imported: file }
  const step: Omit<Step, 'work'> = {
    name: 'train',
    of,
    ...(imported === undefined && looksOutside.includes(trainer.kind) ? { takenBy: 'the same run' } : {}),
  }
  return await runner.run({
    ...step,
    async work(folder) {
      watch.onProgress('fitting encoders', DATASET_DONE)
      const rows = await dataset.rows()
      const parts = { validate: rows.manifest.parts.train, test: testFrom(dataset) }
      const plan = planVector(job.project.models[job.model]!, job.project, job.variant)
      const onProgress = (sentence: string, done: number): void =>
        watch.onProgress(sentence, DATASET_DONE + (TREES_DONE - DATASET_DONE) * done)
      const onLog = (line: string): void => runner.log('train', line)
      const once = <Answer>(trial: unknown, work: () => Promise<Answer>): Promise<Answer> =>
        runner.part({ ...step, of: { ...of, metric: gate.metric, trial } }, work)
      const learning = learningRows(rows, job.project.models[job.model]!)
      const left = learning.training.to + learning.validation.to - learning.validation.from
      if (left < parts.test) onLog(`${parts.test - left} rows are not learnt from: the embargo of the split.`)
      const { candidate, ...learnt }: Learnt =
        imported === undefined
          ? await learnModel({ job, plan, dataset: rows, onLog, once }, learning, folder, onProgress)
          : {
              candidate: imported.candidate(
                fitEncoders(plan, { ...rows, rows: parts.validate }, rows.textOf, model.label.classes).encoders,
                rows.columns,
              ),
            }
      const { encoders, scorer: _, bytes, onnx, explanation: __, program, imported: origin, ...others } = candidate
      const said = { ...others, ...learnt, ...(origin === undefined ? {} : { imported: origin }) }
      const files: Record<string, string> = {}
      const keep = async (name: string, content: Uint8Array | string): Promise<void> => {
        files[name] = join(folder, name)
        await writeFile(files[name], content)
      }
      await keep('scorer.bin', bytes)
      await keep('encoders.json', canonicalJson(encoders))
      if (onnx !== undefined) await keep('model.onnx', onnx)
      const explanation = explanationOf(candidate, rows.columns, parts.validate)
      if (explanation !== undefined) await keep('explanation.bin', explanation)
      for (const [name, path] of Object.entries(program?.files ?? {})) files[programFile(name)] = path
      const environment = environmentOf(job.threads)
      const figures: TrainFigures =
        program === undefined
          ? { ...said, environment }
          : {
              ...{ ...said, environment: { ...environment, program: program.environment } },
              program: { metrics: program.metrics, files: Object.keys(program.files) },
            }
      return { files, figures }
    },
  })
}

async function evaluateCandidate({ job, watch, runner, dataset }: Work, trained: StepOutput): Promise<StepOutput> {
  const { calibration: method, task, gate, trainer, split, label } = job.project.models[job.model]!
  const { importance, imported } = trained.figures as TrainFigures
  const isFromFile = imported !== undefined
  const { unlabelled } = dataset.manifest.excluded
  const model = { scorer: trained.files['scorer.bin']!, encoders: trained.files['encoders.json']! }
  const explanation = trained.files['explanation.bin']
  return await runner.run({
    name: 'evaluate',
    of: {
      ...dataset.of,
      ...{
        unlabelled,
        model,
        explanation: explanation ?? null,
        method,
        task,
        importance,
        segments: gate.segments,
        seed: seedOf(trainer),
        ...(label.classes === undefined ? {} : { classes: label.classes }),
      },
      isFromFile,
      isDescribed: watch.describe !== undefined,
      ...(method !== undefined && isParted(split) ? { gap: gapOf(split, label) } : {}),
    },
    async work(folder) {
      const rows = await dataset.rows()
      const test = testFrom(dataset)
      const { validation } = learningRows(rows, { split, label })
      const from = method === undefined ? test : rows.manifest.parts.train
      const bytes = await readFile(runner.path(model.scorer))
      const scorer = decodeScorer(bytes)
      const encoders = decodeEncoders(await readFile(runner.path(model.encoders)))
      const raw = scoreRows(encoders, scorer, rows, from)
      if (isFromFile) requireFinite(raw)
      if (isFromFile && task !== 'regression') requireProbabilities(raw, scorer.outputs, method !== undefined)
      const validated = { fit: validation.to - validation.from, all: test - from }
      const labels = rows.labels.subarray(from)
      const { calibration, scores, uncalibrated } = calibrateScores(method, labels, raw, validated, label.classes)
      const judged = judgedOf(rows, scores, test)
      const contributions = meanContributions(
        encoders,
        bytes,
        explanation === undefined ? undefined : await readFile(runner.path(explanation)),
        rows.columns.map((column) => column.subarray(test)),
      )
      const evaluation: Evaluation = {
        ...evaluate(task, judged, segmentationsOf(rows, test), seedOf(trainer), label.classes),
        ...(uncalibrated === undefined ? {} : { uncalibrated }),
        ...(contributions === undefined ? {} : { contributions }),
      }
      const files: Record<string, string> = { 'scores.bin': join(folder, 'scores.bin') }
      await writeDoubles(files['scores.bin']!, scores)
      const keep = async (name: string, text: string): Promise<void> => {
        files[name] = join(folder, name)
        await writeFile(files[name], text)
      }
      if (calibration !== undefined) await keep('calibration.json', canonicalJson(calibration))
      await keep('golden.json', canonicalJson(goldenRows(rows, scores, test, scorer.outputs)))
      const result = { dataset: rows.manifest, inputs: rows.inputs, importance, evaluation }
      if (watch.describe !== undefined)
        await keep('monitoring.json', watch.describe({ result, train: trainingRows(rows), test: judged }))
      return { files, figures: evaluation }
    },
  })
}

/** The first of the rows that a model is tested on. */
function testFrom({ manifest: { parts } }: KeptDataset): number {
  return parts.train + parts.validate
}

function judgedOf({ labels, times, weights }: Dataset, scores: Float64Array, test: number): Judged {
  const judged = { labels: labels.slice(test), scores, times: times.slice(test) }
  return weights === undefined ? judged : { ...judged, weights: weights.slice(test) }
}

function segmentationsOf({ segments }: Dataset, test: number) {
  return segments.map(({ column, values }) => segmentRows(column, values.slice(test)))
}

function trainingRows({ times, columns, manifest: { parts } }: Dataset): Trained['train'] {
  return { times: times.subarray(0, parts.train), columns: columns.map((column) => column.subarray(0, parts.train)) }
}
