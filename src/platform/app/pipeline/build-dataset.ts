import { planVector } from '../../../data/features/vector.ts'
import type { DatasetAnswer, DatasetOptions } from '../../api/run-answers.ts'
import { startDataset } from '../start-training.ts'
import { withDatasetJob } from './dataset-job.ts'
import type { TrainingDesk } from './training-desk.ts'
import type { TrainingParts } from './training-parts.ts'

/**
 * Builds the dataset that a training would learn from, by the same steps: a training of the same data finds it there.
 * @throws TruelineError `unknown_model`, `no_training_rows`, and the codes of `startDataset`
 */
export async function buildDatasetOf(
  parts: TrainingParts,
  desk: Pick<TrainingDesk, 'inTurn'>,
  model: string,
  options: DatasetOptions,
): Promise<DatasetAnswer> {
  return await withDatasetJob(parts, desk, model, options, 'dataset build', async (job, watch) => {
    const started = parts.clock.elapsed()
    let cachedFrom: string | undefined
    const { manifest, file } = await startDataset(job, {
      ...watch,
      onStep(event) {
        if (event.kind === 'done' && event.step === 'features') cachedFrom = event.from?.run
      },
    })
    const seconds = (parts.clock.elapsed() - started) / 1e6
    const { variant, project } = job
    const { inputs } = planVector(project.models[model]!, project, variant)
    const decimals = Object.fromEntries(
      inputs.flatMap(({ name, scale }) => (scale === undefined ? [] : [[name, scale] as const])),
    )
    return { model, variant, manifest, file, decimals, seconds, ...(cachedFrom === undefined ? {} : { cachedFrom }) }
  })
}
