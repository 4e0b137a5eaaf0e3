import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { Calibration, GraphEngine } from './graph-engines.ts'
import { buffersOf, packed, unpacked, type WorkerReply, type WorkerRequest } from './onnx-worker-messages.ts'
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
   * @param engine what runs it
   * @throws TruelineError `overloaded` when too many wait, `deadline_exceeded`, also when whoever asked is gone,
   *   `platform_stopped`, and what `openOnnxSession` and its `run` throw
   */
  run(
    file: string,
    engine: GraphEngine,
    inputs: readonly Tensor[],
    wanted: readonly string[],
    onGone?: OnGone,
  ): Promise<PooledRun>
  /**
   * What `calibrate` says of a graph, measured in another thread.
   * @throws TruelineError `platform_stopped`, also when whoever asked is gone, and what `calibrate` throws
   */
  calibrate(file: string, onGone: OnGone): Promise<Calibration | undefined>
  /** Nothing more will be asked of a graph, but by who asks for it anew: threads let go of it. */
  forget(file: string): void
  /** Threads that there are now, and requests that wait for one. */
  readonly counts: { readonly threads: number; readonly waiting: number }
  /** Ends all threads; what waits or runs fails. */
  close(): Promise<void>
}

interface Job {
  readonly request: Extract<WorkerRequest, { readonly kind: 'run' | 'calibrate' }>
  resolve(reply: Answer): void
  reject(error: TruelineError): void
}

/** What is answered where nothing failed. */
type Answer = Exclude<WorkerReply, { readonly kind: 'failed' }>

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
      if (reply.kind === 'failed') job?.reject(new TruelineError(reply.code, reply.message))
      else job?.resolve(reply)
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
      const thread = freeThread(queue[0]!.request.file)
      if (thread === undefined) break
      const job = queue.shift()!
      const { request } = job
      clearTimeout(thread.timer)
      thread.job = job
      if (request.kind === 'run') thread.files.add(request.file)
      thread.worker.postMessage(request, request.kind === 'run' ? buffersOf(request.inputs) : [])
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

  /** Has a job done by a thread; what gives it up takes the error that it ends with. */
  function ask(request: Job['request'], onJob: (giveUp: (error: TruelineError) => void) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const job: Job = { request, resolve, reject }
      onJob((error) => {
        const at = queue.indexOf(job)
        if (at !== -1) queue.splice(at, 1)
        reject(error)
      })
      queue.push(job)
      advance()
    })
  }

  return {
    async run(file, engine, inputs, wanted, onGone) {
      if (isClosed) throw stopped()
      const bytes = inputs.reduce((sum, tensor) => sum + sizeOf(tensor), 0)
      if (queue.length >= options.waiting || (heldBytes > 0 && heldBytes + bytes > options.bytes))
        throw new TruelineError('overloaded', `${queue.length} large requests wait for a thread.`)
      heldBytes += bytes
      let leave: ((error: TruelineError) => void) | undefined
      let failure: TruelineError | undefined
      // A run cannot be broken off: its thread goes on to its end, and is free then.
      const giveUp = (error: TruelineError): void => {
        failure ??= error
        leave?.(failure)
      }
      const late = () => giveUp(new TruelineError('deadline_exceeded', 'The graph took too long.'))
      const timer = setTimeout(late, options.deadline)
      onGone?.(() => giveUp(new TruelineError('deadline_exceeded', 'Whoever asked is gone.')))
      try {
        const copies = await packed(inputs)
        if (isClosed) throw stopped()
        if (failure !== undefined) throw failure
        const answer = await ask({ kind: 'run', file, engine, inputs: copies, wanted }, (giveUpJob) => {
          leave = giveUpJob
        })
        const { outputs, took } = answer as Extract<Answer, { readonly kind: 'outputs' }>
        return { outputs: unpacked(outputs), took }
      } finally {
        clearTimeout(timer)
        heldBytes -= bytes
      }
    },
    async calibrate(file, onGone) {
      if (isClosed) throw stopped()
      const answer = await ask({ kind: 'calibrate', file }, (giveUp) => onGone(() => giveUp(stopped())))
      return (answer as Extract<Answer, { readonly kind: 'calibration' }>).calibration
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
