import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { TrainingJob, TrainingMessage, TrainingResult } from '../../models/training/training-job.ts'

export interface TrainingOptions {
  readonly onProgress?: (sentence: string, done: number) => void
  /** Ends the process. */
  readonly signal?: AbortSignal
}

/**
 * Trains in a process of its own, so that serving neither waits for it nor dies with it.
 * @throws TruelineError what the process reported, or `training_failed` when it ended without a word
 */
export function startTraining(job: TrainingJob, { onProgress, signal }: TrainingOptions = {}): Promise<TrainingResult> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(workerUrl(import.meta.url, './training-child.ts')), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(signal === undefined ? {} : { signal }),
    })
    let words = ''
    let settled = false
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000)
    })
    child.on('message', (message: TrainingMessage) => {
      if (message.kind === 'progress') onProgress?.(message.sentence, message.done)
      if (message.kind === 'result') resolve(message.result)
      if (message.kind === 'error') reject(errorOf(message))
      settled ||= message.kind !== 'progress'
    })
    child.on('error', (cause) =>
      reject(new TruelineError('training_failed', `Training was ended: ${cause.message}.`, { cause })),
    )
    child.on('exit', (code, killed) => {
      if (settled) return
      const how = killed === null ? `with code ${code}` : `by ${killed}`
      const said = words === '' ? '' : ` Its last words: ${words.trim()}`
      reject(new TruelineError('training_failed', `The training process ended ${how}.${said}`))
    })
    child.send(job)
  })
}

function errorOf({ code, message, path, remedy }: Extract<TrainingMessage, { kind: 'error' }>): TruelineError {
  const known = code in errorCodes ? (code as ErrorCode) : 'training_failed'
  return new TruelineError(known, message, {
    ...(path === undefined ? {} : { path }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}
