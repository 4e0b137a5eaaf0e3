import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../core/worker-url.ts'
import type { VectorScorer } from './encoders.ts'
import { magicOf } from './envelope.ts'
import { ONNX_KIND } from './onnx-scorer.ts'
import { type ScorerBytes, type SharedScoring, scoreShare } from './scoring-share.ts'

/** The calling thread and others that score rows by one model. */
export interface ScoringThreads {
  /**
   * Scores rows that are given by column, to the bit as the scorer's own `scoreColumns`, in memory that threads share.
   * @param columns in memory that threads share
   */
  scoreColumns(columns: readonly Float64Array[], rows: number): Promise<Float64Array>
  /** Ends the others. */
  stop(): Promise<void>
}

/** Fewer rows than this are scored before a thread has started. */
const FEWEST_ROWS_OF_A_THREAD = 150_000

/**
 * Starts the threads that rows are worth; they get ready while others have the calling thread. Graphs are scored by that
 * alone: to end a thread within the native code of onnxruntime may abort the process.
 * @param scorer of the calling thread
 * @param bytes that it was made of
 * @param rows that will be scored
 * @param threads most that work at once, the calling one among them
 */
export function startScoringThreads(
  scorer: Pick<VectorScorer, 'outputs' | 'scoreColumns'>,
  bytes: ScorerBytes,
  rows: number,
  threads: number,
): ScoringThreads {
  const worth = magicOf(bytes.scorer) === ONNX_KIND.magic ? 1 : Math.floor(rows / FEWEST_ROWS_OF_A_THREAD)
  const others = Array.from(
    { length: Math.max(0, Math.min(threads, worth) - 1) },
    () => new Worker(workerUrl(import.meta.url, './scoring-worker.ts'), { workerData: bytes, execArgv: [] }),
  )
  const failure = new Promise<never>((_, reject) => {
    for (const worker of others) worker.once('error', reject)
  })
  // It is looked at while rows are scored; at other times it must not count as unhandled.
  failure.catch(() => undefined)
  return {
    async scoreColumns(columns, count) {
      const scores = new Float64Array(new SharedArrayBuffer(8 * count * scorer.outputs))
      const shared: SharedScoring = {
        ...{ rows: count, columns, scores },
        next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
      }
      const finished = Promise.all(
        others.map(async (worker) => {
          worker.postMessage(shared)
          await once(worker, 'message')
        }),
      )
      // Looked at only after the own share is done; until then a failure must not count as unhandled.
      finished.catch(() => undefined)
      scoreShare(scorer, shared)
      await Promise.race([failure, finished])
      return scores
    },
    async stop() {
      await Promise.all(others.map((worker) => worker.terminate()))
    },
  }
}
