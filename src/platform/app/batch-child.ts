import process from 'node:process'
import { asTruelineError } from '../../core/errors.ts'
import type { BatchJob, BatchMessage } from '../../operate/serving/batch/batch-job.ts'
import { runBatch } from '../../operate/serving/batch/run-batch.ts'

/** The process that scores a population: takes one job from its parent, answers, and ends. It ends with its parent, too. */
process.once('message', (job: BatchJob) => {
  runBatch(job, (sentence, done) => tell({ kind: 'progress', sentence, done }))
    .then((result) => tell({ kind: 'result', result }))
    .catch((thrown: unknown) => {
      const { code, message, path, remedy } = asTruelineError(thrown)
      process.send?.({ kind: 'error', code, message, remedy, ...(path === undefined ? {} : { path }) })
    })
    .finally(() => process.disconnect())
})
process.once('disconnect', () => process.exit())

function tell(message: BatchMessage): void {
  process.send?.(message)
}
