import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { DatasetJudgement } from '../../models/training/judge-dataset.ts'
import type { TrainingJob, TrainingMessage, TrainingResult } from '../../models/training/training-job.ts'
import { runChild } from './run-child.ts'

export interface TrainingOptions {
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
  /** Told what became of the rows at their checks, also when the training is stopped for it. */
  readonly onJudged: (judgements: readonly DatasetJudgement[]) => void
  /** Ends the process. */
  readonly signal: AbortSignal
}

/**
 * Trains in a process of its own.
 * @throws TruelineError what the process reported, `training_failed` when it ended without a word, or
 *   `platform_stopped` when the signal ended it; either way the process is gone then
 */
export function startTraining(
  job: TrainingJob,
  { onProgress, onJudged, signal }: TrainingOptions,
): Promise<TrainingResult> {
  return runChild(workerUrl(import.meta.url, './training-child.ts'), job, {
    ...{ signal, what: 'The training', failure: 'training_failed' },
    stopped: () => new TruelineError('platform_stopped', 'The training was broken off: the platform is shutting down.'),
    onMessage(message) {
      const told = message as TrainingMessage
      if (told.kind === 'progress') onProgress?.(told.sentence, told.done)
      if (told.kind === 'judged') onJudged(told.judgements)
    },
  })
}
