import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import {
  buffersOf,
  type PackedTensor,
  packed,
  unpacked,
  type WorkerReply,
  type WorkerRequest,
} from './onnx-worker-messages.ts'
import { type OnGone, sizeOf, type Tensor } from './tensor.ts'

export interface OnnxPoolOptions {
  /** Most threads. */
  readonly workers: number
  /** Most requests that wait for a thread, and most bytes of the tensors of all that wait or run. */
  readonly waiting: number
  readonly bytes: number
  /** Longest that a request may take from its arrival on, milliseconds. */
  readonly deadline: number
  /** A thread without work ends after so many milliseconds, and with it its copies of graphs. */
  readonly idle: number
}

/** What a run in another thread gave. */
export interface PooledRun {
  readonly outputs: readonly Tensor[]
  /** Microseconds that the graph took. */
  readonly took: number
}

/** Threads that run large requests, so that small ones are answered meanwhile. */
export interface OnnxPool {
  /**
   * Runs a graph in another thread, when one is free.
   * @param file path of the ONNX model, whose bytes never change
   * @throws TruelineError `overloaded` when too many wait, `deadline_exceeded`, also when whoever asked is gone,
   *   `platform_stopped`, and what `openOnnxSession` and its `run` throw
   */
  run(file: string, inputs: readonly Tensor[], wanted: readonly string[], onGone?: OnGone): Promise<PooledRun>
  /** Nothing more will be asked of a graph, but by who asks for it anew: threads let go of it. */
  forget(file: string): void
  /** Threads that there are now, and requests that wait for one. */
  readonly counts: { readonly threads: number; readonly waiting: number }
  /** Ends all threads; what waits or runs fails. */
  close(): Promise<void>
}

interface Job {
  readonly file: string
  readonly inputs: readonly PackedTensor[]
  readonly wanted: readonly string[]
  resolve(run: PooledRun): void
  reject(error: TruelineError): void
}

interface Thread {
  readonly worker: Worker
  /** What it runs; where whoever asked is gone, nobody takes the answer. */
  job: Job | undefined
  timer: NodeJS.Timeout | undefined
  /** Graphs that it was asked to run. */
  readonly files: Set<string>
}

/** A pool without threads: each begins when a request finds all others at work. */
export function createOnnxPool(options: OnnxPoolOptions): OnnxPool {
  const threads = new Set<Thread>()
  /** Those that were asked to end, and have not yet. */
  const ending = new Set<Thread>()
  const queue: Job[] = []
  let heldBytes = 0
  let isClosed = false

  function startThread(): Thread {
    const worker = new Worker(workerUrl(import.meta.url, './onnx-worker.ts'))
    const thread: Thread = { worker, job: undefined, timer: undefined, files: new Set() }
    worker.on('message', (reply: WorkerReply) => {
      const { job } = thread
      thread.job = undefined
      if ('code' in reply) job?.reject(new TruelineError(reply.code, reply.message))
      else job?.resolve({ outputs: unpacked(reply.outputs), took: reply.took })
      advance()
    })
    worker.on('error', (cause) => {
      threads.delete(thread)
      thread.job?.reject(new TruelineError('scoring_failed', `A thread of graphs failed: ${cause.message}`, { cause }))
    })
    worker.on('exit', () => {
      threads.delete(thread)
      ending.delete(thread)
      clearTimeout(thread.timer)
      thread.job?.reject(stopped())
      advance()
    })
    // The process may end while a thread waits for work.
    worker.unref()
    threads.add(thread)
    return thread
  }

  /** One that has the graph already, where there is one. */
  function freeThread(file: string): Thread | undefined {
    const free = [...threads].filter(({ job }) => job === undefined)
    const known = free.find(({ files }) => files.has(file)) ?? free[0]
    return known ?? (threads.size < options.workers ? startThread() : undefined)
  }

  function advance(): void {
    while (queue.length > 0) {
      const thread = freeThread(queue[0]!.file)
      if (thread === undefined) break
      const job = queue.shift()!
      clearTimeout(thread.timer)
      thread.job = job
      thread.files.add(job.file)
      const { file, inputs, wanted } = job
      const request: WorkerRequest = { kind: 'run', file, inputs, wanted }
      thread.worker.postMessage(request, buffersOf(inputs))
    }
    for (const thread of threads) if (thread.job === undefined) endLater(thread)
  }

  /** Asks it to end when what it was told before is done: to be terminated within native code may abort the process. */
  function end(thread: Thread): void {
    threads.delete(thread)
    ending.add(thread)
    const request: WorkerRequest = { kind: 'end' }
    thread.worker.postMessage(request)
    thread.worker.ref()
  }

  function endLater(thread: Thread): void {
    clearTimeout(thread.timer)
    thread.timer = setTimeout(() => end(thread), options.idle).unref()
  }

  return {
    async run(file, inputs, wanted, onGone) {
      if (isClosed) throw stopped()
      const bytes = inputs.reduce((sum, tensor) => sum + sizeOf(tensor), 0)
      if (queue.length >= options.waiting || (heldBytes > 0 && heldBytes + bytes > options.bytes))
        throw new TruelineError('overloaded', `${queue.length} large requests wait for a thread.`)
      heldBytes += bytes
      let job: Job | undefined
      let failure: TruelineError | undefined
      // A run cannot be broken off: its thread goes on to its end, and is free then.
      const giveUp = (error: TruelineError): void => {
        failure ??= error
        if (job === undefined) return
        const at = queue.indexOf(job)
        if (at !== -1) queue.splice(at, 1)
        job.reject(failure)
      }
      const late = () => giveUp(new TruelineError('deadline_exceeded', 'The graph took too long.'))
      const timer = setTimeout(late, options.deadline)
      onGone?.(() => giveUp(new TruelineError('deadline_exceeded', 'Whoever asked is gone.')))
      try {
        const copies = await packed(inputs)
        if (isClosed) throw stopped()
        if (failure !== undefined) throw failure
        return await new Promise<PooledRun>((resolve, reject) => {
          job = { file, inputs: copies, wanted, resolve, reject }
          queue.push(job)
          advance()
        })
      } finally {
        clearTimeout(timer)
        heldBytes -= bytes
      }
    },
    forget(file) {
      for (const { worker, files } of threads) {
        if (!files.delete(file)) continue
        const request: WorkerRequest = { kind: 'forget', file }
        worker.postMessage(request)
      }
    },
    get counts() {
      return { threads: threads.size, waiting: queue.length }
    },
    async close() {
      isClosed = true
      for (const job of queue.splice(0)) job.reject(stopped())
      for (const thread of threads) {
        thread.job?.reject(stopped())
        end(thread)
      }
      await Promise.all([...ending].map(({ worker }) => once(worker, 'exit')))
    },
  }
}

function stopped(): TruelineError {
  return new TruelineError('platform_stopped', 'The platform is shutting down.')
}
