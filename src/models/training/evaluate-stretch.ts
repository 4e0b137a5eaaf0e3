import { readFile } from 'node:fs/promises'
import { seedOf } from '../../language/define/trainer-definition.ts'
import { calibrated, decodeCalibration } from '../inference/calibration.ts'
import { decodeScorer } from '../inference/decode-scorer.ts'
import { decodeEncoders } from '../inference/encoders.ts'
import { buildRows, splitOf } from './dataset.ts'
import { type Evaluation, evaluate } from './evaluate.ts'
import { scoreRows } from './score-rows.ts'
import { segmentRows } from './segments.ts'
import type { Rival, TrainingJob } from './training-job.ts'

/** The files of a version that is evaluated. */
export type EvaluatedFiles = Pick<Rival, 'scorer' | 'encoders' | 'calibration'>

/** How a version did on the rows of a stretch. */
export interface StretchEvaluation {
  /** t of the rows, microseconds: from inclusive, to exclusive. */
  readonly from: number
  readonly to: number
  /** Rows of the stretch that have no label. */
  readonly unlabelled: number
  readonly evaluation: Evaluation
}

/**
 * Evaluates a version on the rows of a stretch, as it would have scored them then and with the outcomes that came in time.
 * @param job whose split is the stretch, and whose definitions are those that the version was trained with
 * @throws TruelineError `no_training_rows`
 */
export async function evaluateStretch(
  job: TrainingJob,
  files: EvaluatedFiles,
  onProgress: (sentence: string, done: number) => void,
): Promise<StretchEvaluation> {
  const { task, gate, trainer, label } = job.project.models[job.model]!
  const rows = await buildRows(job, (sentence, done) => onProgress(sentence, 0.9 * done))
  onProgress('evaluating', 0.9)
  const scorer = decodeScorer(await readFile(files.scorer))
  const raw = scoreRows(decodeEncoders(await readFile(files.encoders)), scorer, rows, 0)
  const calibration = files.calibration === undefined ? undefined : decodeCalibration(await readFile(files.calibration))
  const scores = calibrated(calibration, raw, scorer.outputs)
  const { labels, times, weights } = rows
  const segmentations = rows.segments
    .filter(({ column }) => gate.segments.includes(column))
    .map(({ column, values }) => segmentRows(column, values))
  const judged = { labels, scores, times, ...(weights === undefined ? {} : { weights }) }
  const { from, to } = splitOf(job)
  return {
    ...{ from, to, unlabelled: rows.excluded.unlabelled },
    evaluation: evaluate(task, judged, segmentations, seedOf(trainer), label.classes),
  }
}
