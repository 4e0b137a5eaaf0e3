import { TruelineError } from '../../../core/errors.ts'
import { formatTime } from '../../../core/time.ts'
import { readVersion, readVersionDefinition } from '../../../models/registry/versions.ts'
import type { EvaluationAnswer, EvaluationOptions } from '../../api/evaluation-answers.ts'
import { servingOf } from '../predicting.ts'
import { startEvaluation } from '../start-training.ts'
import { withDatasetJob } from './dataset-job.ts'
import type { TrainingDesk } from './training-desk.ts'
import type { TrainingParts } from './training-parts.ts'

/**
 * Evaluates a version on a stretch of what has happened, by the definitions that it was trained with, over the streams of now.
 * @throws TruelineError `unknown_model`, `unknown_version`, `invalid_arguments` for a stretch that is none or whose outcomes
 *   may still come, `no_training_rows`, and the codes of `startEvaluation`
 */
export async function evaluateVersionOf(
  parts: TrainingParts,
  desk: Pick<TrainingDesk, 'inTurn'>,
  model: string,
  number: number,
  options: EvaluationOptions,
): Promise<EvaluationAnswer> {
  servingOf(parts.servings, model)
  const { metadata, artifacts, clock } = parts
  const version = await readVersion(metadata, model, number)
  const definition = await readVersionDefinition(metadata, version)
  const trained = definition.models[model]!
  const { label, split } = trained
  const open = label.within + label.grace
  const mature = clock.now() - open
  const to = options.to ?? mature
  const from = options.from ?? to - split.test
  if (!(from < to)) throw new TruelineError('invalid_arguments', 'The stretch ends before it begins.', { path: 'from' })
  if (to > mature)
    throw new TruelineError('invalid_arguments', `Outcomes of rows after ${formatTime(mature)} may still come.`, {
      path: 'to',
      remedy: `End the stretch at ${formatTime(mature)} or before.`,
    })
  const stretch = { ...trained, split: { kind: 'time', train: 0, validate: 0, test: to - from } as const }
  const project = {
    ...definition,
    streams: { ...definition.streams, ...parts.project.streams },
    models: { ...definition.models, [model]: stretch },
  }
  const { scorer, encoders, calibration } = version.manifest
  const files = {
    scorer: artifacts.path(scorer),
    encoders: artifacts.path(encoders),
    ...(calibration === undefined ? {} : { calibration: artifacts.path(calibration) }),
  }
  const asked = { variant: version.variant, at: to + open, onProgress: options.onProgress }
  return await withDatasetJob({ ...parts, project }, desk, model, asked, 'evaluate', async (job, watch) => ({
    ...{ model, version: number },
    ...(await startEvaluation(job, files, { ...watch, onStep: () => undefined })),
  }))
}
