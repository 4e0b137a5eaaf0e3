import { readFile } from 'node:fs/promises'
import type { Schema } from '../../core/data-type.ts'
import { planVector } from '../../data/features/vector.ts'
import { bandsOf, isOfClasses } from '../../language/define/decision-bands.ts'
import { seedOf } from '../../language/define/trainer-definition.ts'
import { calibrated, decodeCalibration } from '../inference/calibration.ts'
import { decodeScorer } from '../inference/decode-scorer.ts'
import { createVectorScorer, decodeEncoders } from '../inference/encoders.ts'
import type { BehaviourCheck, BehaviourInput } from './behaviour/behaviour-check.ts'
import { boundsOf } from './behaviour/input-bounds.ts'
import { BEHAVIOUR_ROWS, judgeBehaviour } from './behaviour/judge-behaviour.ts'
import type { Dataset } from './dataset.ts'
import type { Judged } from './evaluate.ts'
import { judgeCandidate } from './gate.ts'
import { nextHoldout } from './holdout.ts'
import type { KeptDataset } from './pipeline/dataset-steps.ts'
import { readDoubles } from './pipeline/doubles-file.ts'
import type { StepOutput } from './pipeline/step-cache.ts'
import type { StepRunner } from './pipeline/step-runner.ts'
import type { RivalScores } from './score-rivals.ts'
import { type Segmentation, segmentRows, takeRows } from './segments.ts'
import { spread } from './spread.ts'
import type { TrainingJob } from './training-job.ts'

/** What the gate judges: the steps before it, with what they gave. */
export interface GateWork {
  readonly job: TrainingJob
  readonly runner: StepRunner
  readonly dataset: KeptDataset
  readonly trained: StepOutput
  readonly evaluated: StepOutput
  readonly rivals: RivalScores
}

/** Judges a candidate by the gate of its model, or takes the judgement that is kept. */
export async function judgeStep(work: GateWork): Promise<StepOutput> {
  const { job, runner, dataset, evaluated, rivals } = work
  const { at, gate, trainer, serve, task } = job.project.models[job.model]!
  const { looks = [] } = job
  const scores = evaluated.files['scores.bin']!
  const files = modelFiles(work)
  const champion = job.rivals.find(({ role }) => role === 'champion')?.version ?? null
  return await runner.run({
    name: 'gate',
    of: {
      ...dataset.of,
      // Its bounds are tried.
      schema: job.project.streams[at]!.schema,
      scores,
      ...files,
      rivals: rivals.of,
      gate,
      decision: serve.decision,
      task,
      looks,
      champion,
      seed: seedOf(trainer),
    },
    async work() {
      const rows = await dataset.rows()
      const test = rows.manifest.parts.train + rows.manifest.parts.validate
      const groups = rows.segments.map(({ column, values }) => segmentRows(column, values.slice(test)))
      const judged = judgedOf(
        rows,
        await readDoubles(runner.path(scores)),
        test,
        groups.find(({ column }) => column === gate.clusters),
      )
      const segmentations = groups.filter(({ column }) => gate.segments.includes(column))
      const options = {
        seed: seedOf(trainer),
        thresholds:
          serve.decision === undefined || isOfClasses(serve.decision)
            ? []
            : bandsOf(serve.decision)
                .map(({ above }) => above)
                .filter(Number.isFinite),
        behaviour: await behaviourOf(work, rows, test),
        holdout: nextHoldout({ from: rows.split.test, to: rows.split.to, champion }, looks),
      }
      return { figures: judgeCandidate(gate, judged, await rivals.rivals(), segmentations, options) }
    },
  })
}

function judgedOf(
  { labels, times, weights }: Dataset,
  scores: Float64Array,
  test: number,
  clusters: Segmentation | undefined,
): Judged {
  return {
    ...{ labels: labels.slice(test), scores, times: times.slice(test) },
    ...(weights === undefined ? {} : { weights: weights.slice(test) }),
    ...(clusters === undefined ? {} : { clusters: clusters.groups }),
  }
}

function modelFiles({ trained, evaluated }: GateWork) {
  const calibration = evaluated.files['calibration.json']
  return {
    scorer: trained.files['scorer.bin']!,
    encoders: trained.files['encoders.json']!,
    ...(calibration === undefined ? {} : { calibration }),
  }
}

/** Tries the candidate, as it would serve, on some of the test rows. */
async function behaviourOf(work: GateWork, rows: Dataset, test: number): Promise<BehaviourCheck[]> {
  const { job, runner } = work
  const { gate, task, label } = job.project.models[job.model]!
  const { scorer, encoders, calibration } = modelFiles(work)
  const fitted = decodeEncoders(await readFile(runner.path(encoders)))
  const model = createVectorScorer(fitted, decodeScorer(await readFile(runner.path(scorer))))
  const applied = calibration === undefined ? undefined : decodeCalibration(await readFile(runner.path(calibration)))
  const places = fitted.inputs.map(({ name }) => rows.inputs.findIndex((input) => input.name === name))
  const tried = spread(rows.times.length - test, BEHAVIOUR_ROWS).map((row) => row + test)
  return judgeBehaviour(gate.behaviour ?? [], {
    inputs: inputsOf(job, places),
    rows: places.map((place) => takeRows(rows.columns[place]!, tried)),
    train: places.map((place) => rows.columns[place]!.subarray(0, rows.manifest.parts.train)),
    score: (columns) => calibrated(applied, model.scoreColumns(columns, columns[0]?.length ?? 0), model.outputs),
    ...(task === 'regression' ? {} : { range: { low: 0, high: 1 } }),
    ...(label.classes === undefined ? {} : { classes: label.classes }),
  })
}

/** The inputs with the bounds that their definitions give them. */
function inputsOf({ project, model, variant }: TrainingJob, places: readonly number[]): BehaviourInput[] {
  const { at } = project.models[model]!
  const { schema } = project.streams[at]! as { schema: Schema }
  const plan = planVector(project.models[model]!, project, variant)
  return places.map((place): BehaviourInput => {
    const { name, type, scale } = plan.inputs[place]!
    const { min, max } = boundsOf(plan.inputs[place]!, plan, schema, project)
    const unit = 10 ** (scale ?? 0)
    return {
      ...{ name, type },
      ...(scale === undefined ? {} : { scale }),
      ...(min === undefined ? {} : { min: min * unit }),
      ...(max === undefined ? {} : { max: max * unit }),
    }
  })
}
