import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'

/** What a child tells of itself, besides messages of its own kind. */
type ChildAnswer<Result> =
  | { readonly kind: 'result'; readonly result: Result }
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message: string
      readonly path?: string
      readonly remedy?: string
    }

export interface ChildOptions {
  /** Told everything that is neither the result nor an error. */
  readonly onMessage: (message: unknown) => void
  /** Ends the process. */
  readonly signal: AbortSignal
  /** What the process does, as in "The training", and the code of its ending without a word. */
  readonly what: string
  readonly failure: ErrorCode
  /** The code of its being ended by the signal, and why. */
  readonly stopped: () => TruelineError
}

/**
 * Does a job in a process of its own, so that serving neither waits for it nor dies with it.
 * @throws TruelineError what the process reported, `failure` when it ended without a word, or `stopped` when the signal
 *   ended it; either way the process is gone then
 */
export function runChild<Result>(module: URL, job: object, options: ChildOptions): Promise<Result> {
  const { onMessage, signal, what, failure: code, stopped } = options
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(module), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
    })
    let words = ''
    let failure: TruelineError | undefined
    let answer: { readonly result: Result } | undefined
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000)
    })
    child.on('message', (message: ChildAnswer<Result> | { readonly kind: 'other' }) => {
      if (message.kind === 'result') answer = message
      else if (message.kind === 'error') failure = errorOf(message, code)
      else onMessage(message)
    })
    child.on('error', (cause) => {
      failure ??= signal.aborted
        ? stopped()
        : new TruelineError(code, `${what} process failed: ${cause.message}.`, { cause })
      // A process that could not be started is never closed.
      if (child.pid === undefined) reject(failure)
    })
    // Comes after the last message and the last word.
    child.on('close', (status, killed) => {
      if (failure !== undefined) reject(failure)
      else if (answer !== undefined) resolve(answer.result)
      else {
        const how = killed === null ? `with code ${status}` : `by ${killed}`
        const said = words === '' ? '' : ` Its last words: ${words.trim()}`
        reject(new TruelineError(code, `${what} process ended ${how}.${said}`))
      }
    })
    child.send(job, (cause) => {
      if (cause !== null) failure ??= new TruelineError(code, cause.message, { cause })
    })
  })
}

function errorOf(
  { code, message, path, remedy }: Extract<ChildAnswer<unknown>, { kind: 'error' }>,
  otherwise: ErrorCode,
): TruelineError {
  const known = code in errorCodes ? (code as ErrorCode) : otherwise
  return new TruelineError(known, message, {
    ...(path === undefined ? {} : { path }),
    ...(remedy === undefined ? {} : { remedy }),
  })
}
