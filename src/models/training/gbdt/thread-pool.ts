import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../../core/errors.ts'
import { workerUrl } from '../../../core/worker-url.ts'
import type { TrainingMemory } from './shared-memory.ts'
import { allFinished, openPhase, workOff } from './task-queue.ts'
import { taskRunner } from './tasks.ts'

/** The calling thread and `threads - 1` workers that share a training's tasks. */
export interface ThreadPool {
  /** Does all tasks of a phase; the calling thread takes part. */
  run(phase: number, tasks: number): Promise<void>
  /** Ends the workers. */
  stop(): Promise<void>
}

/** @throws TruelineError `training_failed` from `run` when a worker fails */
export function startThreads(memory: TrainingMemory, threads: number): ThreadPool {
  const runTask = taskRunner(memory, 0)
  const workers = Array.from(
    { length: threads - 1 },
    (_, other) =>
      new Worker(workerUrl(import.meta.url, './gbdt-worker.ts'), {
        workerData: { memory, thread: other + 1 },
        execArgv: [],
      }),
  )
  const failure = new Promise<never>((_, reject) => {
    for (const worker of workers)
      worker.once('error', (cause) =>
        reject(new TruelineError('training_failed', 'A thread of the training failed.', { cause })),
      )
  })
  // It is looked at while a phase runs; between phases it must not count as unhandled.
  failure.catch(() => undefined)
  return {
    async run(phase, tasks) {
      openPhase(memory.queue, phase, tasks)
      workOff(memory.queue, runTask)
      await Promise.race([failure, allFinished(memory.queue)])
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
