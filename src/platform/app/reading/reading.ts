import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../../core/errors.ts'
import { workerUrl } from '../../../core/worker-url.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { type AnswerTo, type Asked, type QuestionName, questions } from './questions.ts'
import type { ReadingReply, ReadingRequest } from './reading-messages.ts'

/** Who asks more than that many at once is told to come again. */
const MOST_WAITING = 256
/** Milliseconds after which a thread without questions ends, and gives its memory back. */
const IDLE = 60_000

/** Answers questions about the metadata that only read it. */
export interface Reading {
  /**
   * Answers by what was committed when it was asked, or later.
   * @throws TruelineError the codes of the question; `overloaded` when too many wait, `platform_stopped`
   */
  ask<Name extends QuestionName>(name: Name, ...asked: Asked<Name>): Promise<AnswerTo<Name>>
  /** From here on answers come from another thread, so that nobody who is served meanwhile waits. */
  moveOut(): void
  /** Ends the thread; what waits fails. */
  close(): Promise<void>
}

export interface ReadingOptions {
  readonly metadata: Metadata
  /** The file of the metadata. */
  readonly path: string
  readonly waiting?: number
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: TruelineError): void
}

/** Answers in the calling thread until it is told to move out: a command that asks once need not wait for a thread to start. */
export function createReading({ metadata, path, waiting: most = MOST_WAITING }: ReadingOptions): Reading {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let state: 'inside' | 'outside' | 'closed' = 'inside'
  let asked = 0

  function startThread(): Worker {
    const started = new Worker(workerUrl(import.meta.url, './reading-worker.ts'), {
      workerData: { path },
      execArgv: [],
    })
    started.on('message', (reply: ReadingReply) => {
      const { number } = reply
      const one = waiting.get(number)
      waiting.delete(number)
      if ('answer' in reply) one?.resolve(reply.answer)
      else one?.reject(new TruelineError(reply.error.code, reply.error.message, reply.error))
      if (waiting.size === 0) endLater()
    })
    // The next question starts another one.
    started.on('error', (cause) => {
      if (worker === started) worker = undefined
      failAll(new TruelineError('internal', `The thread that reads the metadata failed: ${cause.message}`, { cause }))
    })
    // The process may end while the thread waits for questions.
    started.unref()
    return started
  }

  function failAll(error: TruelineError): void {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  function endLater(): void {
    clearTimeout(idle)
    idle = setTimeout(() => {
      const ending = worker
      worker = undefined
      void ending?.terminate()
    }, IDLE).unref()
  }

  function askThread(name: QuestionName, given: readonly unknown[]): Promise<unknown> {
    if (waiting.size >= most)
      throw new TruelineError('overloaded', `${waiting.size} searches wait for their turn.`, { retryAfter: 1 })
    clearTimeout(idle)
    worker ??= startThread()
    asked += 1
    const request: ReadingRequest = { number: asked, name, asked: given }
    worker.postMessage(request)
    return new Promise((resolve, reject) => waiting.set(request.number, { resolve, reject }))
  }

  return {
    async ask<Name extends QuestionName>(name: Name, ...given: Asked<Name>): Promise<AnswerTo<Name>> {
      if (state === 'closed') throw stopped()
      if (state === 'outside') return (await askThread(name, given)) as AnswerTo<Name>
      const answer = questions[name] as (metadata: Metadata, ...given: readonly unknown[]) => Promise<unknown>
      return (await answer(metadata, ...given)) as AnswerTo<Name>
    },
    moveOut() {
      if (state === 'inside') state = 'outside'
    },
    async close() {
      state = 'closed'
      clearTimeout(idle)
      const ending = worker
      worker = undefined
      failAll(stopped())
      await ending?.terminate()
    },
  }
}

function stopped(): TruelineError {
  return new TruelineError('platform_stopped', 'The platform is shutting down.')
}
