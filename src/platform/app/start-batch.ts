import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { BatchJob, BatchMessage, BatchReport } from '../../operate/serving/batch/batch-job.ts'
import { runChild } from './run-child.ts'

export interface BatchOptions {
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
  /** Ends the process; its reason is what the run ends with. */
  readonly signal: AbortSignal
}

/**
 * Scores a population in a process of its own; what it has done is gone on with the next time.
 * @throws TruelineError what the process reported, `batch_failed` when it ended without a word, or the signal's reason
 */
export function startBatch(job: BatchJob, { onProgress, signal }: BatchOptions): Promise<BatchReport> {
  return runChild(workerUrl(import.meta.url, './batch-child.ts'), job, {
    ...{ signal, what: 'The scoring', failure: 'batch_failed' },
    stopped: () =>
      signal.reason instanceof TruelineError
        ? signal.reason
        : new TruelineError('platform_stopped', 'The scoring was broken off: the platform is shutting down.'),
    onMessage(message) {
      const told = message as BatchMessage
      if (told.kind === 'progress') onProgress?.(told.sentence, told.done)
    },
  })
}
