import process from 'node:process'
import { asTruelineError } from '../../core/errors.ts'
import { runTraining } from './run-training.ts'
import type { TrainingJob, TrainingMessage } from './training-job.ts'

/** The process that trains: takes one job from its parent, answers, and ends. It ends with its parent, too. */
process.once('message', (job: TrainingJob) => {
  runTraining(job, (sentence, done) => tell({ kind: 'progress', sentence, done }))
    .then((result) => tell({ kind: 'result', result }))
    .catch((thrown: unknown) => {
      const { code, message, path, remedy } = asTruelineError(thrown)
      tell({ kind: 'error', code, message, remedy, ...(path === undefined ? {} : { path }) })
    })
    .finally(() => process.disconnect())
})
process.once('disconnect', () => process.exit())

function tell(message: TrainingMessage): void {
  process.send?.(message)
}
