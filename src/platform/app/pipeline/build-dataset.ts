import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variant } from '../../../data/features/vector.ts'
import { platformIdentity } from '../../../governance/identity.ts'
import type { DatasetAnswer, DatasetOptions } from '../../api/run-answers.ts'
import { servingOf } from '../predicting.ts'
import { startDataset } from '../start-training.ts'
import type { TrainingDesk } from './training-desk.ts'
import type { TrainingParts } from './training-parts.ts'
import { keepRequest } from './training-request.ts'
import { jobOf, takeSnapshot } from './training-snapshot.ts'

/** Who keeps the rows that no run asked for. */
const KEEPER = 'dataset build'

/**
 * Builds the dataset that a training would learn from, by the same steps: a training of the same data finds it there.
 * @throws TruelineError `unknown_model`, `no_training_rows`, and the codes of `startDataset`
 */
export async function buildDatasetOf(
  parts: TrainingParts,
  desk: Pick<TrainingDesk, 'inTurn'>,
  model: string,
  { variant = 'full', at, cache = true, onProgress }: DatasetOptions,
): Promise<DatasetAnswer> {
  servingOf(parts.servings, model)
  return await desk.inTurn(() => build(parts, { model, variant, at, cache }, onProgress))
}

async function build(
  parts: TrainingParts,
  asked: {
    readonly model: string
    readonly variant: Variant
    readonly at: number | undefined
    readonly cache: boolean
  },
  onProgress: DatasetOptions['onProgress'],
): Promise<DatasetAnswer> {
  const { project, artifacts, underWay, clock } = parts
  const { model, variant } = asked
  const started = clock.elapsed()
  const request = await keepRequest(artifacts, project, { ...asked, author: platformIdentity('dataset') })
  const snapshot = await takeSnapshot(parts, request)
  await mkdir(parts.workFolder, { recursive: true })
  const folder = await mkdtemp(join(parts.workFolder, 'dataset-'))
  try {
    const job = await jobOf(parts, request, snapshot, { run: KEEPER, folder })
    let cachedFrom: string | undefined
    const { manifest, file } = await startDataset(job, {
      limits: project.models[model]!.training?.limits ?? {},
      signal: underWay.signal,
      onProgress: (sentence, done) => onProgress?.(sentence, done),
      onJudged: () => undefined,
      onStep(event) {
        if (event.kind === 'done' && event.step === 'features') cachedFrom = event.from?.run
      },
    })
    const seconds = (clock.elapsed() - started) / 1e6
    return { model, variant, manifest, file, seconds, ...(cachedFrom === undefined ? {} : { cachedFrom }) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
