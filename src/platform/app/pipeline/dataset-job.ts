import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { platformIdentity } from '../../../governance/identity.ts'
import type { TrainingJob } from '../../../models/training/training-job.ts'
import type { DatasetOptions } from '../../api/run-answers.ts'
import { servingOf } from '../predicting.ts'
import type { TrainingOptions } from '../start-training.ts'
import type { TrainingDesk } from './training-desk.ts'
import type { TrainingParts } from './training-parts.ts'
import { keepRequest } from './training-request.ts'
import { jobOf, takeSnapshot } from './training-snapshot.ts'

/** What a dataset that no run asked for is worked on with. */
export type DatasetWork<Result> = (job: TrainingJob, options: Omit<TrainingOptions, 'onStep'>) => Promise<Result>

/**
 * Does some work on the rows that a training would learn from, in its turn among trainings.
 * @param keeper who keeps the outputs of its steps
 * @throws TruelineError `unknown_model`
 */
export async function withDatasetJob<Result>(
  parts: TrainingParts,
  desk: Pick<TrainingDesk, 'inTurn'>,
  model: string,
  { variant = 'full', at, cache = true, onProgress }: DatasetOptions,
  keeper: string,
  work: DatasetWork<Result>,
): Promise<Result> {
  servingOf(parts.servings, model)
  return await desk.inTurn(async () => {
    const { project, artifacts, underWay } = parts
    const author = platformIdentity('dataset')
    const request = await keepRequest(artifacts, project, { model, variant, at, cache, author })
    const snapshot = await takeSnapshot(parts, request)
    await mkdir(parts.workFolder, { recursive: true })
    const folder = await mkdtemp(join(parts.workFolder, 'dataset-'))
    try {
      return await work(await jobOf(parts, request, snapshot, { run: keeper, folder }), {
        limits: project.models[model]!.training?.limits ?? {},
        signal: underWay.signal,
        onProgress: (sentence, done) => onProgress?.(sentence, done),
        onJudged: () => undefined,
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}
