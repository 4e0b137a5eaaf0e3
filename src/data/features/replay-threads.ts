import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../core/worker-url.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type ReplayPart, type ReplayRange, rangesOf, replayRange } from './replay-part.ts'
import type { ReplayWork } from './replay-worker.ts'

/** The calling thread and others that answer a replay's questions, each about entities of its own. */
export interface ReplayThreads {
  /** Replays a part: the same bits for any number of threads. */
  replay(part: ReplayPart, dictionary: Dictionary): Promise<void>
  /** Ends the others. */
  stop(): Promise<void>
}

/** Fewer rows than this are answered before a thread has started. */
const FEWEST_ROWS_OF_A_THREAD = 150_000

/** What the calling thread does of a part that nothing is in: it writes a file without rows, where files are wanted. */
const NO_RANGE: ReplayRange = { index: 0, from: 0, to: 0 }

/**
 * Starts the threads of a replay, which get ready while its rows are being read.
 * @param rows events and questions there are
 * @param threads most that work at once, the calling one among them
 */
export function startReplayThreads(rows: number, threads: number): ReplayThreads {
  const wanted = Math.max(1, Math.min(threads, Math.floor(rows / FEWEST_ROWS_OF_A_THREAD)))
  const workers = Array.from(
    { length: wanted - 1 },
    () => new Worker(workerUrl(import.meta.url, './replay-worker.ts'), { execArgv: [] }),
  )
  const failure = new Promise<never>((_, reject) => {
    for (const worker of workers) worker.once('error', reject)
  })
  // Looked at while a part is replayed; until then it must not count as unhandled.
  failure.catch(() => undefined)
  return {
    async replay(part, dictionary) {
      const [own = NO_RANGE, ...others] = rangesOf(part, wanted)
      const texts = Array.from({ length: dictionary.size }, (_, code) => dictionary.decode(code))
      const finished = others.map((range, index) => {
        workers[index]!.postMessage({ part, range, texts } satisfies ReplayWork)
        return once(workers[index]!, 'message')
      })
      const all = Promise.race([failure, Promise.all(finished)])
      all.catch(() => undefined)
      replayRange(part, own, dictionary)
      await all
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
