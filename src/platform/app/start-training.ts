import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { DatasetJudgement } from '../../models/training/judge-dataset.ts'
import type { TrainingJob, TrainingMessage, TrainingResult } from '../../models/training/training-job.ts'

export interface TrainingOptions {
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
  /** Told what became of the rows at their checks, also when the training is stopped for it. */
  readonly onJudged: (judgements: readonly DatasetJudgement[]) => void
  /** Ends the process. */
  readonly signal: AbortSignal
}

/**
 * Trains in a process of its own, so that serving neither waits for it nor dies with it.
 * @throws TruelineError what the process reported, `training_failed` when it ended without a word, or
 *   `platform_stopped` when the signal ended it; either way the process is gone then
 */
export function startTraining(
  job: TrainingJob,
  { onProgress, onJudged, signal }: TrainingOptions,
): Promise<TrainingResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(workerUrl(import.meta.url, './training-child.ts')), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
    })
    let words = ''
    let failure: TruelineError | undefined
    let result: TrainingResult | undefined
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000)
    })
    child.on('message', (message: TrainingMessage) => {
      if (message.kind === 'progress') onProgress?.(message.sentence, message.done)
      if (message.kind === 'judged') onJudged(message.judgements)
      if (message.kind === 'result') result = message.result
      if (message.kind === 'error') failure = errorOf(message)
    })
    child.on('error', (cause) => {
      failure ??= signal.aborted
        ? new TruelineError('platform_stopped', 'The training was broken off: the platform is shutting down.', {
            cause,
          })
        : new TruelineError('training_failed', `The training process failed: ${cause.message}.`, { cause })
      // A process that could not be started is never closed.
      if (child.pid === undefined) reject(failure)
    })
    // Comes after the last message and the last word.
    child.on('close', (code, killed) => {
      if (failure !== undefined) reject(failure)
      else if (result !== undefined) resolve(result)
      else {
        const how = killed === null ? `with code ${code}` : `by ${killed}`
        const said = words === '' ? '' : ` Its last words: ${words.trim()}`
        reject(new TruelineError('training_failed', `The training process ended ${how}.${said}`))
      }
    })
    child.send(job, (cause) => {
      if (cause !== null) failure ??= new TruelineError('training_failed', cause.message, { cause })
    })
  })
}

function errorOf({ code, message, path, remedy }: Extract<TrainingMessage, { kind: 'error' }>): TruelineError {
  const known = code in errorCodes ? (code as ErrorCode) : 'training_failed'
  return new TruelineError(known, message, {
    ...(path === undefined ? {} : { path }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}
