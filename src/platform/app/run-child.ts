import { fork } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { processGivesWay } from '../../core/give-way.ts'

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
  /** The code of its being ended by a signal that nobody here gave, with its last words; `failure` unless given. */
  readonly killed?: (signal: string, words: string) => TruelineError
  /** Arguments of node itself. */
  readonly execArgv?: readonly string[]
  /**
   * Watches the process from its start on, and may end it with an error.
   * @returns what ends the watching
   */
  readonly watch?: (pid: number, end: (error: TruelineError) => void) => () => void
}

/**
 * Does a job in a process of its own, so that serving neither waits for it nor dies with it.
 * @throws TruelineError what the process reported, `failure` when it ended without a word, or `stopped` when the signal
 *   ended it; either way the process is gone then
 */
export function runChild<Result>(module: URL, job: object, options: ChildOptions): Promise<Result> {
  const { onMessage, signal, what, failure: code, stopped, killed: killedError, execArgv, watch } = options
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(module), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
      ...(execArgv === undefined ? {} : { execArgv: [...process.execArgv, ...execArgv] }),
    })
    if (child.pid !== undefined) processGivesWay(child.pid)
    let words = ''
    let failure: TruelineError | undefined
    let answer: { readonly result: Result } | undefined
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000)
    })
    const endWatch =
      child.pid === undefined
        ? undefined
        : watch?.(child.pid, (error) => {
            failure ??= error
            child.kill('SIGKILL')
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
      endWatch?.()
      if (failure !== undefined) reject(failure)
      else if (answer !== undefined) resolve(answer.result)
      else if (killed !== null && killedError !== undefined) reject(killedError(killed, words.trim()))
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
