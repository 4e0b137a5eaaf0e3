import type { LeakAnswer } from '../../api/leak-answers.ts'
import type { DatasetOptions } from '../../api/run-answers.ts'
import { startLeakCheck } from '../start-training.ts'
import { withDatasetJob } from './dataset-job.ts'
import type { TrainingDesk } from './training-desk.ts'
import type { TrainingParts } from './training-parts.ts'

/**
 * Searches the rows that a training would learn from for leaks, by the step that every training goes through.
 * @throws TruelineError `unknown_model`, `no_training_rows`, and the codes of `startLeakCheck`
 */
export async function checkDatasetOf(
  parts: TrainingParts,
  desk: Pick<TrainingDesk, 'inTurn'>,
  model: string,
  options: DatasetOptions,
): Promise<LeakAnswer> {
  return await withDatasetJob(parts, desk, model, options, 'dataset check', async (job, watch) => {
    const report = await startLeakCheck(job, { ...watch, onStep: () => undefined })
    return { model, variant: job.variant, ...report }
  })
}
