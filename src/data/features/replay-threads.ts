import { Worker } from 'node:worker_threads'
import { workerUrl } from '../../core/worker-url.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type ReplayPart, rangesOf, replayRange } from './replay-part.ts'
import type { ReplayWork } from './replay-worker.ts'

/** Fewer rows than this are answered before a thread has started. */
const FEWEST_ROWS_OF_A_THREAD = 150_000

/**
 * Replays a part on the calling thread and up to `threads - 1` others; the answers are in the part's output when it
 * resolves, the same bits for any number of threads.
 */
export async function replayOnThreads(part: ReplayPart, dictionary: Dictionary, threads: number): Promise<void> {
  const most = Math.floor((part.events.count + part.queries.count) / FEWEST_ROWS_OF_A_THREAD)
  const [own, ...others] = rangesOf(part, Math.max(1, Math.min(threads, most)))
  const texts = Array.from({ length: dictionary.size }, (_, code) => dictionary.decode(code))
  const work = others.map((range) => runThread({ part, range, texts }))
  const finished = Promise.all(work)
  // Looked at only after the own range is done; until then a failure must not count as unhandled.
  finished.catch(() => undefined)
  if (own !== undefined) replayRange(part, own, dictionary)
  await finished
}

function runThread(workerData: ReplayWork): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl(import.meta.url, './replay-worker.ts'), { workerData, execArgv: [] })
    worker.once('error', reject)
    worker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a thread of the replay ended with ${code}`)),
    )
  })
}
